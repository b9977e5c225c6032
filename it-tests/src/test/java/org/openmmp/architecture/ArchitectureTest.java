package org.openmmp.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callCodeUnitWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/**
 * The arrows that must never exist, the names that are not used, and the clocks that pure code does
 * not read. The rules also bind packages that do not exist yet.
 */
@AnalyzeClasses(packages = "org.openmmp", importOptions = ArchitectureTest.ProgramOnly.class)
final class ArchitectureTest {
  private static final String[] PURE = {
    "org.openmmp.repgroup..",
    "org.openmmp.directory",
    "org.openmmp.wire..",
    "org.openmmp.guard..",
    "org.openmmp.proxy.session..",
    "org.openmmp.proxy.imap..",
    "org.openmmp.proxy.pop3..",
    "org.openmmp.lmtp.protocol..",
    "org.openmmp.lmtp.transaction.."
  };

  private static final String[] LANGUAGE = {
    "java..", "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };

  private static final Set<String> SLEEPING_METHODS =
      Set.of("sleep", "yield", "onSpinWait", "park", "parkNanos", "parkUntil");

  /** Leaves out tests and what tests share. */
  static final class ProgramOnly implements ImportOption {
    private static final ImportOption NO_TESTS = new ImportOption.DoNotIncludeTests();

    @Override
    public boolean includes(Location location) {
      return NO_TESTS.includes(location) && !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static void everyRoomThatStandsIsLookedAt(JavaClasses program) {
    for (String room : List.of("config", "repgroup", "directory", "wire", "proxy.session")) {
      assertTrue(
          program.stream().anyMatch(c -> c.getPackageName().equals("org.openmmp." + room)), room);
    }
  }

  // Arrow 1

  @ArchTest
  static final ArchRule pureCodeKnowsNoLibrary =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "com.unboundid..", "com.typesafe..", "ch.qos..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule pureCodeIsGivenTimeAndRandomness =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should(callCodeUnitWhere(aClockIsReadOrThreadSleeps()))
          .orShould(callCodeUnitWhere(aRandomNumberIsDrawn()))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule policyAndPortsUseTheLanguageAndSettingsOnly =
      classes()
          .that()
          .resideInAnyPackage("org.openmmp.repgroup..", "org.openmmp.directory")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE)
                  .or(resideInAnyPackage("org.openmmp.repgroup..", "org.openmmp.directory"))
                  .or(resideInAPackage("org.openmmp.config..")))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule wireUsesTheLanguageOnly =
      classes()
          .that()
          .resideInAPackage("org.openmmp.wire..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(LANGUAGE).or(resideInAPackage("org.openmmp.wire..")))
          .allowEmptyShould(true);

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
              "org.openmmp.wire..", "org.openmmp.transport..", "org.openmmp.guard..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.openmmp.proxy..", "org.openmmp.lmtp..")
          .allowEmptyShould(true);

  // Arrow 5

  @ArchTest
  static final ArchRule orchestrationAndCodecsKnowNoAdapter =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.openmmp.proxy.netty..", "org.openmmp.lmtp.netty..", "org.openmmp.transport..")
          .allowEmptyShould(true);

  // Arrow 6

  @ArchTest
  static final ArchRule onlyTheMainsKnowAdmin =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.openmmp.admin..", "org.openmmp.proxy", "org.openmmp.lmtp")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.openmmp.admin..");

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
  static final ArchRule packagesFormNoCycles =
      slices().matching("org.openmmp.(**)").should().beFreeOfCycles();

  // Names and package declarations

  @ArchTest
  static final ArchRule classNamesSayWhatTheThingIs =
      noClasses()
          .should()
          .haveNameMatching(".*[.$a-z0-9](Manager|Helper|Utils?|Impl)([A-Z].*)?")
          .orShould()
          .haveNameMatching(".*[.$](Abstract|Base)[A-Z][^.$]*");

  @ArchTest
  static final ArchRule methodNamesHaveAnObject =
      methods()
          .that()
          .haveName("process")
          .or()
          .haveName("handle")
          .should(beAskedForByALibrary())
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule handlersAreNetty =
      classes()
          .that()
          .haveSimpleNameEndingWith("Handler")
          .should()
          .beAssignableTo("io.netty.channel.ChannelHandler")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule everyPackageIsNullMarked = classes().should(resideInANullMarkedPackage());

  private static ArchRule mayNotUse(String from, String... to) {
    return noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaCall<?>> aClockIsReadOrThreadSleeps() {
    return DescribedPredicate.describe(
        "a clock is read or the thread sleeps",
        call -> readsClock(call.getTarget()) || sleeps(call.getTarget()));
  }

  private static boolean readsClock(AccessTarget.CodeUnitCallTarget target) {
    String owner = target.getOwner().getName();
    String called = target.getName();
    return switch (owner) {
      case "java.lang.System" -> called.equals("nanoTime") || called.equals("currentTimeMillis");
      case "java.time.Clock" -> called.startsWith("system") || called.startsWith("tick");
      case "java.util.Date" -> called.equals("<init>") && target.getRawParameterTypes().isEmpty();
      default -> owner.startsWith("java.time.") && called.equals("now");
    };
  }

  private static boolean sleeps(AccessTarget.CodeUnitCallTarget target) {
    return switch (target.getOwner().getName()) {
      case "java.lang.Thread", "java.util.concurrent.locks.LockSupport" ->
          SLEEPING_METHODS.contains(target.getName());
      case "java.util.concurrent.TimeUnit" -> target.getName().equals("sleep");
      case "java.lang.Object" -> target.getName().equals("wait");
      default -> false;
    };
  }

  private static DescribedPredicate<JavaCall<?>> aRandomNumberIsDrawn() {
    return DescribedPredicate.describe(
        "a random number is drawn", call -> drawsRandomNumber(call.getTarget()));
  }

  private static boolean drawsRandomNumber(AccessTarget.CodeUnitCallTarget target) {
    String owner = target.getOwner().getName();
    return switch (target.getName()) {
      case "random" -> owner.equals("java.lang.Math");
      case "randomUUID" -> owner.equals("java.util.UUID");
      case "<init>", "current", "getInstance", "getInstanceStrong", "shuffle" ->
          owner.endsWith("Random") || owner.equals("java.util.Collections");
      default -> false;
    };
  }

  private static ArchCondition<JavaMethod> beAskedForByALibrary() {
    return new ArchCondition<>("be asked for by a library's type") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        boolean askedFor =
            method.getOwner().getAllRawSuperclasses().stream().anyMatch(t -> declares(t, method))
                || method.getOwner().getAllRawInterfaces().stream()
                    .anyMatch(t -> declares(t, method));
        events.add(new SimpleConditionEvent(method, askedFor, method.getFullName()));
      }
    };
  }

  private static boolean declares(JavaClass type, JavaMember method) {
    return !type.getPackageName().startsWith("org.openmmp")
        && type.getMethods().stream().anyMatch(m -> m.getName().equals(method.getName()));
  }

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a null-marked package") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked =
            type.getPackage()
                .tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
        events.add(new SimpleConditionEvent(type, marked, type.getName()));
      }
    };
  }
}
