package io.elapid.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script that completes commands and options in the shell.",
    footer = {
      "",
      "Examples: source <(elapid completion bash)",
      "          elapid completion zsh > ~/.elapid-completion"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that are known. */
  enum Shell {
    BASH,
    ZSH
  }

  @Parameters(paramLabel = "bash|zsh", description = "the shell")
  private Shell shell;

  @Override
  public Integer call() {
    if (shell == Shell.ZSH) {
      // zsh reads bash's completion through these
      System.out.println("autoload -U +X compinit && compinit");
      System.out.println("autoload -U +X bashcompinit && bashcompinit");
    }
    System.out.print(AutoComplete.bash("elapid", Elapid.commandLine()));
    return 0;
  }
}
