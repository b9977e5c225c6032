package org.openmmp.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** The arrows that must never exist; they also bind packages that do not exist yet. */
@AnalyzeClasses(packages = "org.openmmp", importOptions = ProgramOnly.class)
final class ArchitectureTest {
  private static final String[] LANGUAGE = {
    "java..", "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };

  @ArchTest
  static void everyRoomThatStandsIsLookedAt(JavaClasses program) {
    for (String room :
        List.of(
            "config",
            "repgroup",
            "directory",
            "wire",
            "routing",
            "program",
            "proxy.session",
            "proxy.client",
            "proxy.store")) {
      assertTrue(
          program.stream().anyMatch(c -> c.getPackageName().equals("org.openmmp." + room)), room);
    }
  }

  // Arrow 1

  @ArchTest
  static final ArchRule pureCodeKnowsNoLibrary =
      noClasses()
          .that()
          .resideInAnyPackage(PurePackages.ALL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "com.unboundid..", "com.typesafe..", "ch.qos..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule policyUsesTheLanguageOnly =
      classes()
          .that()
          .resideInAPackage("org.openmmp.repgroup..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE)
                  .or(resideInAnyPackage("org.openmmp.repgroup..", "org.openmmp.text")));

  @ArchTest
  static final ArchRule portsUseTheLanguageAndOctets =
      classes()
          .that()
          .resideInAPackage("org.openmmp.directory")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE)
                  .or(
                      resideInAnyPackage(
                          "org.openmmp.directory", "org.openmmp.text", "org.openmmp.wire")));

  @ArchTest
  static final ArchRule coreKnowsNoConfiguration =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.openmmp.text..",
              "org.openmmp.wire..",
              "org.openmmp.directory..",
              "org.openmmp.repgroup..",
              "org.openmmp.routing..",
              "org.openmmp.guard..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.openmmp.config..");

  @ArchTest
  static final ArchRule wireUsesTheLanguageOnly =
      classes()
          .that()
          .resideInAPackage("org.openmmp.wire..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE)
                  .or(resideInAnyPackage("org.openmmp.wire..", "org.openmmp.text")))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule textUsesTheLanguageOnly =
      classes()
          .that()
          .resideInAPackage("org.openmmp.text..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE).or(resideInAPackage("org.openmmp.text..")));

  // Arrow 2

  @ArchTest
  static final ArchRule directoryKnowsNoGroups =
      mayNotUse("org.openmmp.directory..", "org.openmmp.repgroup..");

  @ArchTest
  static final ArchRule groupsKnowNoDirectory =
      mayNotUse("org.openmmp.repgroup..", "org.openmmp.directory..");

  // Arrow 3

  @ArchTest
  static final ArchRule policyHearsNoProtocol =
      mayNotUse(
          "org.openmmp.repgroup..",
          "org.openmmp.wire..",
          "org.openmmp.transport..",
          "org.openmmp.proxy..",
          "org.openmmp.lmtp..",
          "org.openmmp.storesim..");

  // Arrow 4

  @ArchTest
  static final ArchRule imapKnowsNoPop3 =
      mayNotUse("org.openmmp.proxy.imap..", "org.openmmp.proxy.pop3..");

  @ArchTest
  static final ArchRule pop3KnowsNoImap =
      mayNotUse("org.openmmp.proxy.pop3..", "org.openmmp.proxy.imap..");

  @ArchTest
  static final ArchRule proxyKnowsNoRelay = mayNotUse("org.openmmp.proxy..", "org.openmmp.lmtp..");

  @ArchTest
  static final ArchRule relayKnowsNoProxy = mayNotUse("org.openmmp.lmtp..", "org.openmmp.proxy..");

  @ArchTest
  static final ArchRule sharedRoomsKnowNoServer =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.openmmp.wire..",
              "org.openmmp.transport..",
              "org.openmmp.guard..",
              "org.openmmp.routing..",
              "org.openmmp.admin..",
              "org.openmmp.program..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.openmmp.proxy..", "org.openmmp.lmtp..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule storesSideKnowsNoClient =
      mayNotUse(
          "org.openmmp.proxy.store..",
          "org.openmmp.proxy.client..",
          "org.openmmp.proxy.session..",
          "org.openmmp.proxy.imap..",
          "org.openmmp.proxy.pop3..");

  @ArchTest
  static final ArchRule clientsSideKnowsNoSession =
      mayNotUse("org.openmmp.proxy.client..", "org.openmmp.proxy.session..");

  @ArchTest
  static final ArchRule storesSideKnowsNoTransaction =
      mayNotUse("org.openmmp.lmtp.store..", "org.openmmp.lmtp.transaction..");

  // Arrow 5

  @ArchTest
  static final ArchRule orchestrationAndCodecsKnowNoAdapter =
      noClasses()
          .that()
          .resideInAnyPackage(PurePackages.ALL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.openmmp.proxy.netty..",
              "org.openmmp.lmtp.netty..",
              "org.openmmp.transport..",
              "org.openmmp.program..")
          .allowEmptyShould(true);

  // Arrow 6

  @ArchTest
  static final ArchRule onlyTheMainsKnowAdmin =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.openmmp.admin..",
              "org.openmmp.program..",
              "org.openmmp.proxy",
              "org.openmmp.lmtp")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.openmmp.admin..");

  @ArchTest
  static final ArchRule onlyTheServersMainsKnowTheProgram =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.openmmp.program..",
              "org.openmmp.proxy",
              "org.openmmp.lmtp",
              "org.openmmp.storesim..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.openmmp.program..");

  // Arrow 7

  @ArchTest
  static final ArchRule settingsLibraryStaysInConfig =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.openmmp.config..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.typesafe.config..");

  @ArchTest
  static final ArchRule ldapLibraryStaysInItsAdapter =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.openmmp.directory.ldap..", "org.openmmp.storesim..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.unboundid..");

  @ArchTest
  static final ArchRule enginesLibraryStaysInTheSharedRoom =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.openmmp.shared..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lettuce..", "reactor..", "redis..");

  @ArchTest
  static final ArchRule onlyTheProgramKnowsWhatIsShared =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.openmmp.shared..", "org.openmmp.program..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.openmmp.shared..");

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("org.openmmp.(**)").should().beFreeOfCycles();

  private static ArchRule mayNotUse(String from, String... to) {
    return noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true);
  }
}
