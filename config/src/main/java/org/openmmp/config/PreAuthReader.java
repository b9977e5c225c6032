package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads what clients may do before their login, from their protocol's section. */
final class PreAuthReader {
  private static final Set<String> MECHANISMS =
      Set.of(
          "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL", "SCRAM-SHA-1", "SCRAM-SHA-256");
  private static final int MEBIOCTET = 1 << 20;

  private final Section section;

  PreAuthReader(Section section) {
    this.section = section;
  }

  /**
   * What the section says.
   *
   * @param capability the form of one capability, a regular expression
   */
  PreAuthConfig read(String capability) {
    List<String> capabilities = capabilities(capability);
    return new PreAuthConfig(
        mechanisms(capabilities),
        capabilities,
        ListReader.networks(section, "trusted-proxies"),
        new PreAuthConfig.Bounds(
            section.number("max-line", 512, MEBIOCTET),
            section.number("max-pipelined", 512, 16 * MEBIOCTET),
            section.number("bad-commands", 1, 1_000),
            section.number("failed-logins", 1, 1_000)));
  }

  private List<String> mechanisms(List<String> capabilities) {
    List<String> names = listedMechanisms();
    if (!capabilities.isEmpty() && names.stream().anyMatch(name -> name.startsWith("SCRAM-"))) {
      section.problem(
          section.value("mechanisms"),
          section.at("mechanisms"),
          "a SCRAM mechanism with a list of capabilities",
          "capabilities = learn with it, since it is offered only where every store has it");
    }
    return names;
  }

  private List<String> listedMechanisms() {
    return ListReader.list(
        section,
        "mechanisms",
        "some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256",
        value ->
            Scalar.text(value)
                .map(text -> text.toUpperCase(Locale.ROOT))
                .filter(MECHANISMS::contains));
  }

  private List<String> capabilities(String form) {
    ConfigValue value = section.value("capabilities");
    boolean learn = value != null && Scalar.text(value).equals(Optional.of("learn"));
    return learn
        ? List.of()
        : ListReader.matching(section, "capabilities", "learn, or a list of capabilities", form);
  }
}
