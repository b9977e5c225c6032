package org.openmmp.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/**
 * Names say what a thing is, and every package says that nothing in it is null unless it says so.
 */
@AnalyzeClasses(packages = "org.openmmp", importOptions = ProgramOnly.class)
final class HouseWordsTest {
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
