package io.elapid;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which way the arrows point. */
final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.elapid");

  @Test
  void kernelsNeedOnlyTheJdk() {
    noClasses()
        .that()
        .resideInAPackage("io.elapid.kernel..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("io.elapid.kernel..", "java..", "jdk..")
        .check(CLASSES);
  }

  @Test
  void collectivesNeedNeitherSparkNorNd4j() {
    noClasses()
        .that()
        .resideInAPackage("io.elapid.collective..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.nd4j..", "scala..")
        .check(CLASSES);
  }

  @Test
  void sparkOnlyInWorkersJobsAndObservation() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.elapid.worker..",
            "io.elapid.dl4j..",
            "io.elapid.job..",
            "io.elapid.observe..",
            "io.elapid.spark..",
            "io.elapid.notebook..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.spark..")
        .check(CLASSES);
  }

  @Test
  void dl4jOnlyInItsPackageWhichKnowsNothingElseOfOurs() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.elapid.dl4j..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.deeplearning4j..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.elapid.dl4j..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.elapid..").and(resideOutsideOfPackage("io.elapid.dl4j..")))
        .check(CLASSES);
  }

  @Test
  void chaosKnowsNothingOfHowARunWorks() {
    noClasses()
        .that()
        .resideInAPackage("io.elapid.chaos..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.elapid.worker..",
            "io.elapid.job..",
            "io.elapid.collective..",
            "org.apache.spark..",
            "scala..")
        .check(CLASSES);
  }

  @Test
  void configLibraryOnlyInConfig() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.elapid.config..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe.config..")
        .check(CLASSES);
  }

  @Test
  void nd4jOnlyInTheModel() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.elapid.data..",
            "io.elapid.cli..",
            "io.elapid.config..",
            "io.elapid.collective..",
            "io.elapid.worker..",
            "io.elapid.job..",
            "io.elapid.observe..",
            "io.elapid.predict..",
            "io.elapid.spark..",
            "io.elapid.notebook..",
            "io.elapid.optim..",
            "io.elapid.checkpoint..",
            "io.elapid.task.classification..",
            "io.elapid.task.evaluation..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.nd4j..")
        .check(CLASSES);
  }

  @Test
  void engineAndOptimiserKnowNoModel() {
    noClasses()
        .that()
        .resideInAnyPackage("io.elapid.engine..", "io.elapid.optim..", "io.elapid.graph..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.elapid.model..")
        .check(CLASSES);
  }

  @Test
  void blocksPointDownwards() {
    noClasses()
        .that()
        .resideInAnyPackage("io.elapid.op..", "io.elapid.nn..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.elapid.model..", "io.elapid.task..", "io.elapid.engine..")
        .check(CLASSES);
  }

  @Test
  void noCyclesBetweenPackages() {
    slices().matching("io.elapid.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void noMutableStatics() {
    fields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage("io.elapid..")
        .and()
        .areDeclaredInClassesThat()
        .resideOutsideOfPackage("..jmh_generated..")
        .and()
        .areStatic()
        .should()
        .beFinal()
        .check(CLASSES);
  }
}
