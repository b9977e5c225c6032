package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.storesim.ClusterSettings;

/**
 * The recipes of docs/operate/recover.md, each command in its order, with what happens at the
 * stores between them; what is printed is what stands on the page.
 */
@Tag("slow")
final class RecipesTest {
  private static final Path PAGE = Path.of("../docs/operate/recover.md");
  private static final Duration SOON = Duration.ofSeconds(60);

  private final OperatedSite site =
      new OperatedSite(RecipesTest.class)
          .cluster("cluster1", "huey", "dewey", "louie")
          .cluster("cluster2", "donald")
          .cluster("store1", ClusterSettings.Model.SHARED_DISK, "store1a", "store1b")
          .expectingInLog(".*cluster1.*|.*store1.*|.*recovery.*");
  private final MailUser alice = site.user("alice", "cluster1");
  private final MailUser bob = site.user("bob", "store1");
  private final MailUser carol = site.user("carol", "cluster1");
  private final ProxyProcess program =
      site.start(
          "program",
          site.settings()
              + """
              openmmp {
                proxy-defaults {
                  wait-for-store = 500ms, retry-pause { first = 100ms, max = 200ms }
                  cool-down { first = 1s, max = 1s }
                }
                drain { lead = 2s, spread = 1s, limit = 20m }
              }
              """
              + site.group("cluster1", "huey", "dewey", "louie")
              + "openmmp.proxy.cluster1.standby-site = [\"louie.example.com\"]\n"
              + site.group("cluster2", "donald")
              + site.group("store1", "store1a", "store1b"));

  @AfterEach
  void close() {
    site.close();
  }

  /** The commands of a recipe and what is printed at each, in order. */
  private final class Recipe {
    private final Deque<String> commands = new ArrayDeque<>();

    Recipe(String title) {
      String page;
      try {
        page = Files.readString(PAGE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      int begin = page.indexOf("\n## " + title + "\n");
      assertTrue(begin >= 0, title);
      int end = page.indexOf("\n## ", begin + 1);
      String text = page.substring(begin, end < 0 ? page.length() : end);
      StringBuilder block = new StringBuilder();
      for (String line : text.split("\n", -1)) {
        if (line.startsWith("    ") && line.strip().startsWith("$ openmmp ")) {
          take(block);
          block.append(line.strip()).append('\n');
        } else if (line.startsWith("    ") && block.length() > 0) {
          block.append(line.strip()).append('\n');
        } else {
          take(block);
        }
      }
      take(block);
      assertFalse(commands.isEmpty(), title);
    }

    private void take(StringBuilder block) {
      if (block.length() > 0) {
        commands.add(block.toString().strip());
        block.setLength(0);
      }
    }

    /** Runs the next command. */
    void go(String word) {
      String[] both = commands.remove().split("\n", 2);
      String line =
          both[0]
              .replaceFirst("^\\$ openmmp ", "")
              .replace(" --config openmmp.conf", "")
              .replaceAll("\\b(huey|dewey|louie)\\b", "$1" + OperatedSite.DOMAIN);
      assertTrue(line.startsWith(word + " "), line);
      OperatedSite.Ran ran = OperatedSite.openmmp(program.configuration(), line);
      assertEquals(0, ran.status(), ran::told);
      assertEquals(both[1], plain(ran.told()), line);
    }

    void ends() {
      assertEquals(0, commands.size(), commands::toString);
    }
  }

  /** Hosts are called as the pages call them; a user's name keeps its domain. */
  private static String plain(String told) {
    return told.replaceAll("(?<![@\\w-])([a-z0-9]+)\\.example\\.com", "$1");
  }

  private String answer(MailUser user) {
    try (ImapConnection client = connect()) {
      return client.login(user).tagged();
    }
  }

  private ImapConnection connect() {
    return new ImapConnection(program.at(MailProtocol.IMAP, Endpoint.Security.PLAIN));
  }

  private void await(String what, BooleanSupplier condition) {
    Await.until(() -> what + "\n" + program.log(), SOON, condition);
  }

  private void awaitServed(MailUser user, String group, String host) {
    await(
        user + " is served at " + host,
        () ->
            answer(user).startsWith("OK")
                && program.admin().master(group).equals(host + OperatedSite.DOMAIN));
  }

  // B8.5, B3.6
  @Test
  void userMovesToAnotherGroup() {
    Recipe recipe = new Recipe("A user's mailbox moves to another group");
    try (ImapConnection client = connect()) {
      assertTrue(client.login(carol).isOk());
      recipe.go("block");
      recipe.go("kick");
      assertTrue(client.line().startsWith("* BYE"), "the session is ended");
    }
    assertTrue(answer(carol).contains("CONTACTADMIN"));
    site.directory().changeUser(carol.login(), "mailHost", "cluster2");
    recipe.go("flush");
    recipe.go("unblock");
    int before = site.cluster("cluster2").node("donald").counters().logins();
    assertTrue(answer(carol).startsWith("OK"));
    assertEquals(before + 1, site.cluster("cluster2").node("donald").counters().logins());
    recipe.ends();
  }

  // B2.26, B2.12
  @Test
  void replicatedGroupLosesAHost() {
    Recipe recipe = new Recipe("A replicated group loses a host");
    awaitServed(alice, "cluster1", "huey");
    site.cluster("cluster1").kill("huey");
    site.cluster("cluster1").makeMaster("dewey");
    awaitServed(alice, "cluster1", "dewey");
    await("nobody is left there", this::sessionsOver);
    recipe.go("retire");
    site.cluster("cluster1").start("huey");
    awaitServed(alice, "cluster1", "dewey");
    recipe.go("undrain");
    site.cluster("cluster1").makeMaster("huey");
    recipe.go("failback");
    awaitServed(alice, "cluster1", "huey");
    recipe.ends();
  }

  private boolean sessionsOver() {
    return Pattern.compile("(?m)^openmmp_connections(\\{.*})? 0(\\.0)?$")
        .matcher(program.admin().page("/metrics"))
        .find();
  }

  // B2.9, B2.12
  @Test
  void sharedDiskGroupFailsOverByHandAndGoesBack() {
    Recipe recipe = new Recipe("A shared-disk group's host fails");
    awaitServed(bob, "store1", "store1a");
    site.cluster("store1").kill("store1a");
    assertTrue(answer(bob).contains("UNAVAILABLE"));
    site.cluster("store1").start("store1b");
    awaitServed(bob, "store1", "store1b");
    site.cluster("store1").kill("store1b");
    site.cluster("store1").start("store1a");
    recipe.go("failback");
    awaitServed(bob, "store1", "store1a");
    recipe.ends();
  }

  // B2.15
  @Test
  void replicatedSiteIsLost() {
    Recipe recipe = new Recipe("A replicated site is lost");
    awaitServed(alice, "cluster1", "huey");
    site.cluster("cluster1").kill("huey");
    site.cluster("cluster1").kill("dewey");
    assertTrue(answer(alice).contains("UNAVAILABLE"));
    site.cluster("cluster1").makeMaster("louie");
    recipe.go("activate-site");
    awaitServed(alice, "cluster1", "louie");
    site.cluster("cluster1").start("huey");
    site.cluster("cluster1").start("dewey");
    site.cluster("cluster1").makeMaster("huey");
    recipe.go("deactivate-site");
    recipe.go("failback");
    awaitServed(alice, "cluster1", "huey");
    recipe.ends();
  }

  // B2.27
  @Test
  void siteIsRebuiltFromBackups() {
    Recipe recipe = new Recipe("A site is rebuilt from backups");
    recipe.go("recovery");
    recipe.go("recovery");
    site.directory().removeUser(alice.login());
    assertTrue(answer(alice).contains("UNAVAILABLE"), "no final no");
    site.user("alice", "cluster1");
    await("who is restored is served", () -> answer(alice).startsWith("OK"));
    recipe.go("recovery");
    recipe.go("recovery");
    recipe.ends();
  }
}
