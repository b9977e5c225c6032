package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who takes over from whom, of the order of hosts in all groups (rule B7.16). */
class AvailabilityModelTest {
  @TempDir Path directory;

  private OpenMmpConfig groups(String written, String more) throws Exception {
    String text =
        Stream.of(written.split(" *; *", -1))
            .map(each -> each.split(" *: *", -1))
            .map(each -> "openmmp.proxy.%s.storehostlist = \"%s\"%n".formatted(each[0], each[1]))
            .collect(Collectors.joining());
    return new ConfigText(directory).load(text + more);
  }

  @ParameterizedTest
  @CsvSource({
    "g: a, g=none",
    "g: a b, g=asymmetric",
    "g: a b c, g=asymmetric",
    "g: a b; h: c d, g=asymmetric h=asymmetric",
    "g: a b; h: b a, g=symmetric h=symmetric",
    "g: a b c; h: b a c, g=symmetric h=symmetric", // a third host stands behind both
    "g: a b c; h: b c a; i: c a b, g=symmetric h=symmetric i=symmetric", // a ring
    "g: a z; h: b z; i: c z, g=N+1 h=N+1 i=N+1",
    "g: a z; h: b z; i: c d, g=N+1 h=N+1 i=asymmetric",
    "g: a z; h: a z, g=asymmetric h=asymmetric", // two groups of one pair
    "g: a b; h: b c, g=one-way h=asymmetric",
    "g: a b; h: b, g=one-way h=none",
    "g: a b z; h: b a z; i: c z, g=symmetric h=symmetric i=asymmetric",
  })
  void modelOfEachGroup(String written, String models) throws Exception {
    assertEquals(
        models,
        AvailabilityModel.of(groups(written, "")).entrySet().stream()
            .map(each -> each.getKey() + "=" + each.getValue().written())
            .collect(Collectors.joining(" ")));
  }

  @Test
  void hostsWithOneAddressAreOneMachineAndStandbySitesTakeNothingOver() throws Exception {
    assertEquals(
        "{store1=SYMMETRIC, store2=SYMMETRIC}",
        AvailabilityModel.of(
                groups(
                    "store1: 1a 1b; store2: 2a 2b",
                    """
                    openmmp.resolver.hosts {
                      1a = "192.0.2.1", 2b = ["2001:db8::1", "192.0.2.1"]
                      1b = "192.0.2.2", 2a = "192.0.2.2"
                    }
                    """))
            .toString());
    assertEquals(
        "{g=NONE}",
        AvailabilityModel.of(groups("g: a b", "openmmp.proxy.g.standby-site = b\n")).toString());
  }

  @Test
  void sentencesSayWhatASecondaryWouldHaveToCarry() throws Exception {
    assertEquals(
        List.of(
            "group g: symmetric: a is the primary; b, which serves other groups and falls back on"
                + " it in turn, takes over; then c",
            "group h: symmetric: b is the primary; a, which serves other groups and falls back on"
                + " it in turn, takes over",
            "group i: N+1: d is the primary; z, which stands behind several, takes over",
            "group j: N+1: e is the primary; z, which stands behind several, takes over",
            "group k: none: f is alone; nothing takes over when it fails",
            "group l: asymmetric: m is the primary; n, which has no other task, takes over",
            "host b would carry g when a fails, besides its own h: up to 2 groups at once",
            "host a would carry h when b fails, besides its own g: up to 2 groups at once",
            "host z would carry i when d fails, j when e fails: up to 2 groups at once",
            "host n would carry l when m fails"),
        AvailabilityModel.sentences(groups("g: a b c; h: b a; i: d z; j: e z; k: f; l: m n", "")));
  }
}
