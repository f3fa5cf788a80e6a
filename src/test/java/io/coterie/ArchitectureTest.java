package io.coterie;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where a line belongs. */
class ArchitectureTest {

  private static JavaClasses server;

  @BeforeAll
  static void read() {
    server =
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackagesOf(App.class);
  }

  @Test
  void jdbi_onlyInDaosStorageAndApp() {
    noClasses()
        .that(areNot("Dao").and(notIn("io.coterie.storage..")).and(isNot("App")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.jdbi..")
        .check(server);
  }

  @Test
  void javalin_onlyInHttpHandlersTransportsAndTheTop() {
    noClasses()
        .that(
            notIn("io.coterie.http..")
                .and(areNot("Handler"))
                .and(areNot("Socket"))
                .and(areNot("Stream"))
                .and(isNot("ChatAccess"))
                .and(isNot("SseResponse"))
                .and(isNot("App"))
                .and(isNot("WebServer"))
                .and(isNot("Routes")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.javalin..")
        .check(server);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.coterie.(*)..").should().beFreeOfCycles().check(server);
  }

  @Test
  void langChain4j_onlyInModelAndAgent() {
    noClasses()
        .that(notIn("io.coterie.model..").and(notIn("io.coterie.agent..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(server);
  }

  @Test
  void daos_arePackagePrivate() {
    classes().that().haveSimpleNameEndingWith("Dao").should().bePackagePrivate().check(server);
  }

  /** Nested classes go with the one that they are in. */
  private static DescribedPredicate<JavaClass> areNot(String ending) {
    return DescribedPredicate.not(
        DescribedPredicate.describe(
            "*" + ending, type -> simpleNameEndingWith(ending).test(outermost(type))));
  }

  private static DescribedPredicate<JavaClass> isNot(String name) {
    return DescribedPredicate.not(
        DescribedPredicate.describe(name, type -> outermost(type).getSimpleName().equals(name)));
  }

  private static DescribedPredicate<JavaClass> notIn(String packages) {
    return DescribedPredicate.not(resideInAPackage(packages));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
  }
}
