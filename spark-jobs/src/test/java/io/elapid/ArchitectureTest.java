package io.elapid;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which way the arrows point. */
@AnalyzeClasses(packages = "io.elapid", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule kernelsNeedOnlyTheJdk =
      noClasses()
          .that()
          .resideInAPackage("io.elapid.kernel..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("io.elapid.kernel..", "java..", "jdk..");

  @ArchTest
  static final ArchRule collectivesNeedNeitherSparkNorNd4j =
      noClasses()
          .that()
          .resideInAPackage("io.elapid.collective..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.nd4j..", "scala..");

  @ArchTest
  static final ArchRule sparkOnlyInWorkersJobsAndObservation =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.elapid.worker..", "io.elapid.job..", "io.elapid.observe..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.spark..");

  @ArchTest
  static final ArchRule configLibraryOnlyInConfig =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.elapid.config..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.typesafe.config..");

  @ArchTest
  static final ArchRule nd4jOnlyInTheModel =
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
              "io.elapid.optim..",
              "io.elapid.checkpoint..",
              "io.elapid.task..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.nd4j..");

  @ArchTest
  static final ArchRule engineAndOptimiserKnowNoModel =
      noClasses()
          .that()
          .resideInAnyPackage("io.elapid.engine..", "io.elapid.optim..", "io.elapid.graph..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.elapid.model..");

  @ArchTest
  static final ArchRule blocksPointDownwards =
      noClasses()
          .that()
          .resideInAnyPackage("io.elapid.op..", "io.elapid.nn..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.elapid.model..", "io.elapid.task..", "io.elapid.engine..");

  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices().matching("io.elapid.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noMutableStatics =
      fields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage("io.elapid..")
          .and()
          .areStatic()
          .should()
          .beFinal();
}
