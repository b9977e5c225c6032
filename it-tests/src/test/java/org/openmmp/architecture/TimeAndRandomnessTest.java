package org.openmmp.architecture;

import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Pure code is given time and randomness: it reads no clock, draws no number and never sleeps. */
@AnalyzeClasses(packages = "org.openmmp", importOptions = ProgramOnly.class)
final class TimeAndRandomnessTest {
  private static final Set<String> SLEEPING_METHODS =
      Set.of("sleep", "yield", "onSpinWait", "park", "parkNanos", "parkUntil");

  @ArchTest
  static final ArchRule pureCodeIsGivenTimeAndRandomness =
      noClasses()
          .that()
          .resideInAnyPackage(PurePackages.ALL)
          .should(accessTargetWhere(aClockIsReadOrThreadSleeps()))
          .orShould(accessTargetWhere(aRandomNumberIsDrawn()))
          .allowEmptyShould(true);

  private static DescribedPredicate<JavaAccess<?>> aClockIsReadOrThreadSleeps() {
    return DescribedPredicate.describe(
        "a clock is read or the thread sleeps",
        access ->
            access.getTarget() instanceof CodeUnitAccessTarget target
                && (readsClock(target) || sleeps(target)));
  }

  private static boolean readsClock(CodeUnitAccessTarget target) {
    String owner = target.getOwner().getName();
    String called = target.getName();
    return switch (owner) {
      case "java.lang.System" -> called.equals("nanoTime") || called.equals("currentTimeMillis");
      case "java.time.Clock" -> called.startsWith("system") || called.startsWith("tick");
      case "java.util.Date" -> called.equals("<init>") && target.getRawParameterTypes().isEmpty();
      default -> owner.startsWith("java.time.") && called.equals("now");
    };
  }

  private static boolean sleeps(CodeUnitAccessTarget target) {
    return switch (target.getOwner().getName()) {
      case "java.lang.Thread", "java.util.concurrent.locks.LockSupport" ->
          SLEEPING_METHODS.contains(target.getName());
      case "java.util.concurrent.TimeUnit" -> target.getName().equals("sleep");
      case "java.lang.Object" -> target.getName().equals("wait");
      default -> false;
    };
  }

  private static DescribedPredicate<JavaAccess<?>> aRandomNumberIsDrawn() {
    return DescribedPredicate.describe(
        "a random number is drawn",
        access ->
            access.getTarget() instanceof CodeUnitAccessTarget target && drawsRandomNumber(target));
  }

  private static boolean drawsRandomNumber(CodeUnitAccessTarget target) {
    String owner = target.getOwner().getName();
    return switch (target.getName()) {
      case "random" -> owner.equals("java.lang.Math");
      case "randomUUID" -> owner.equals("java.util.UUID");
      case "<init>", "current", "getInstance", "getInstanceStrong", "shuffle" ->
          owner.endsWith("Random") || owner.equals("java.util.Collections");
      default -> false;
    };
  }
}
