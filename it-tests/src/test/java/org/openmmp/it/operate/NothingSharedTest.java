package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/** What sharing costs where nothing is shared. */
final class NothingSharedTest {
  @Test
  @DisplayName("B10.1: without openmmp.shared.url nothing of Lettuce is loaded")
  void nothingOfItIsLoaded() {
    try (OperatedSite site = new OperatedSite(NothingSharedTest.class)) {
      site.cluster("ducks", "huey", "dewey", "louie");
      MailUser alice = site.user("alice", "ducks");
      ProxyProcess alone =
          site.start("alone", site.settings() + site.group("ducks", "huey", "dewey", "louie"));
      alone.assertServes(alice);
      String classes =
          Command.run(
                  Map.of(),
                  "",
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                      Long.toString(alone.process().pid()),
                      "VM.class_hierarchy"))
              .succeeded()
              .output();
      assertTrue(classes.contains("org.openmmp.program.SiteActions"), classes);
      for (String none : List.of("io.lettuce.", "org.openmmp.shared.Engine", "reactor.core.")) {
        assertFalse(classes.contains(none), none);
      }
    }
  }
}
