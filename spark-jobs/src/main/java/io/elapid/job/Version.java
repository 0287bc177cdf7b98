package io.elapid.job;

/** The version of the code that runs. */
public final class Version {

  private Version() {}

  /** As the jar's manifest says it; "development" when classes run unpacked. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
