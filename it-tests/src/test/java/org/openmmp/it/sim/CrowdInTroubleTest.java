package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/**
 * Everybody's store dies, and something else goes wrong while they come back, again and again
 * without a pause: all are let in, and nobody hears that the password is wrong (rules B2.28,
 * B3.10). How often the lost store is asked depends on how fast this goes here: {@code
 * ReturningCrowdTest} counts it.
 */
@Tag("slow")
final class CrowdInTroubleTest {
  private static final int PEOPLE = 60;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What happens besides. */
  private enum Trouble {
    /** The kernel goes on accepting for a process that has gone. */
    BACKLOG_STILL_ACCEPTS {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.HANG);
        site.cluster().makeMaster("dewey");
      }
    },

    /** The lost store comes up again and again, and goes each time. */
    FLAPS {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.REFUSE);
        site.cluster().makeMaster("dewey");
        AtomicBoolean up = new AtomicBoolean();
        later.scheduleWithFixedDelay(
            () -> {
              boolean comes = !up.get();
              up.set(comes);
              site.cluster()
                  .behave("huey", NodeBehaviour.failing(comes ? Fault.NONE : Fault.REFUSE));
            },
            200,
            200,
            TimeUnit.MILLISECONDS);
      }
    },

    /** Half of them are of another group that lists the same hosts in another order. */
    SHARED_HOST {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.BLACK_HOLE);
        site.cluster().makeMaster("dewey");
      }

      @Override
      String groupOf(int person) {
        return person % 2 == 0 ? "cluster1" : "second";
      }
    },

    /** The configuration is read again. */
    RELOAD {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.REFUSE);
        later.schedule(() -> site.cluster().makeMaster("dewey"), 300, TimeUnit.MILLISECONDS);
        later.scheduleWithFixedDelay(() -> site.openmmp("reload"), 0, 100, TimeUnit.MILLISECONDS);
      }
    },

    /** Every look-up takes most of its time. */
    SLOW_DIRECTORY {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        site.directory().slowDown(Duration.ofMillis(300));
        lose(site, Fault.REFUSE);
        site.cluster().makeMaster("dewey");
      }
    },

    /** An administrator takes the lost store out of service, and a replica. */
    DRAIN {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        site.operate(0, "drain " + site.cluster().node("louie").hostName());
        lose(site, Fault.REFUSE);
        site.operate(0, "drain " + site.cluster().node("huey").hostName());
        later.schedule(() -> site.cluster().makeMaster("dewey"), 300, TimeUnit.MILLISECONDS);
      }
    },

    /** All of them are one user. */
    ONE_USER {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.REFUSE);
        site.cluster().makeMaster("dewey");
      }
    },

    /** While nobody is master, as many others come, wait, and leave before they hear anything. */
    OTHERS_LEAVE {
      @Override
      void begins(SimSite site, ScheduledExecutorService later) {
        lose(site, Fault.REFUSE);
        MailUser leaver = site.user("leaver");
        for (int i = 0; i < PEOPLE; i++) {
          MailConnection waits = site.clients().open(Security.PLAIN);
          waits.send(
              waits instanceof Pop3Connection
                  ? "USER " + leaver.login() + "\r\nPASS " + leaver.password() + "\r\n"
                  : "a LOGIN " + leaver.login() + " " + leaver.password() + "\r\n");
          later.schedule(waits::close, 300, TimeUnit.MILLISECONDS);
        }
        later.schedule(() -> site.cluster().makeMaster("dewey"), 600, TimeUnit.MILLISECONDS);
      }
    };

    abstract void begins(SimSite site, ScheduledExecutorService later);

    String groupOf(int person) {
      return "cluster1";
    }

    /** The master stops serving, and all of its sessions end. */
    static void lose(SimSite site, Fault how) {
      site.cluster().behave("huey", NodeBehaviour.failing(how));
      site.cluster().node("huey").dropConnections();
    }
  }

  static Stream<Arguments> crowds() {
    return Stream.of(Trouble.values())
        .flatMap(
            trouble ->
                Stream.of(
                    Arguments.of(trouble, MailProtocol.IMAP, Security.PLAIN),
                    Arguments.of(trouble, MailProtocol.POP3, Security.TLS)));
  }

  @ParameterizedTest
  @MethodSource("crowds")
  void allAreLetInAndNobodyHearsOfAWrongPassword(
      Trouble trouble, MailProtocol protocol, Security security) throws Exception {
    ClusterSettings group = ClusterSettings.replicated("cluster1", "huey", "dewey", "louie");
    List<String> addresses = group.nodes().stream().map(ClusterSettings.Node::address).toList();
    SitePlan plan =
        SitePlan.of(group)
            .readBy(protocol)
            .withClientTls()
            .with("directory.cache { positive-ttl = 1ms, refresh-ahead = 0s }")
            .with("proxy.second { imapport = <imap>, popport = <pop3> }")
            .with(
                "proxy.second.storehostlist = [\"%s\", \"%s\", \"%s\"]"
                    .formatted(addresses.get(0), addresses.get(2), addresses.get(1)));
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    List<MailConnection> sessions = new ArrayList<>();
    try (SimSite site = plan.start()) {
      site.expectingInLog("cool-down group=|no-master group=|no-store group=|masters-differ");
      List<MailUser> people =
          IntStream.range(0, PEOPLE)
              .mapToObj(i -> site.user("person" + i, trouble.groupOf(i)))
              .toList();
      for (MailUser each : people) {
        MailConnection session = site.clients().open(security);
        sessions.add(session);
        assertTrue(session.answerToLogin(each).startsWith(protocol.accepted()), site::log);
      }
      CountDownLatch begun = new CountDownLatch(1);
      later.execute(
          () -> {
            trouble.begins(site, later);
            begun.countDown();
          });
      assertTrue(begun.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
      MailUser first = people.get(0);
      List<String> strange =
          SiteClients.atOnce(
                  people,
                  who ->
                      comesBack(
                          site, trouble == Trouble.ONE_USER ? first : who, protocol, security))
              .stream()
              .flatMap(List::stream)
              .filter(
                  heard ->
                      !heard.startsWith(protocol.accepted())
                          && !heard.startsWith(protocol.unavailable())
                          && !heard.equals("(closed)"))
              .toList();
      assertEquals(List.of(), strange, site::log);
      later.shutdownNow();
      assertTrue(later.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS));
      site.directory().slowDown(Duration.ZERO);
      Await.until(
          "nobody waits any more",
          LIMIT,
          () -> site.snapshot("cluster1").orElseThrow().waiting() == 0);
    } finally {
      later.shutdownNow();
      sessions.forEach(MailConnection::close);
    }
  }

  /** Comes again until it is let in; what it heard each time. */
  private static List<String> comesBack(
      SimSite site, MailUser who, MailProtocol protocol, Security security) {
    List<String> heard = new ArrayList<>();
    Await.until(
        () -> who.login() + " heard " + heard + "\n" + site.log(),
        LIMIT,
        () -> {
          try (MailConnection connection = site.clients().open(security)) {
            heard.add(connection.answerToLogin(who));
          } catch (AssertionError | UncheckedIOException ended) {
            heard.add("(closed)");
          }
          return heard.get(heard.size() - 1).startsWith(protocol.accepted());
        });
    return heard;
  }
}
