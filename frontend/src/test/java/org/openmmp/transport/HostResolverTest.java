package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.resolver.dns.DnsServerAddresses;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.ResolverConfig;

class HostResolverTest {
  @TempDir Path directory;
  private Transports transports;
  private FakeNameServer server;
  private final List<InetSocketAddress> servers = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    transports = Transports.open(Transports.Kind.EPOLL, 2);
    server = new FakeNameServer();
    servers.add(server.address());
    Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    transports.close();
  }

  private HostResolver resolver(Duration maxTtl, Duration staleFor) {
    return new HostResolver(
        transports,
        new ResolverConfig(
            Map.of("huey.example.com", List.of("127.0.0.2", "::1")),
            Duration.ZERO,
            maxTtl,
            Duration.ZERO,
            staleFor),
        new SystemNames(directory.resolve("hosts"), directory.resolve("resolv.conf")),
        name -> DnsServerAddresses.sequential(servers).stream());
  }

  /** Addresses, or the word "nothing". */
  private String resolve(HostResolver resolver, String host) throws Exception {
    Future<List<InetAddress>> found = resolver.resolve(host, transports.loops().next());
    found.await(30, TimeUnit.SECONDS);
    return found.isSuccess()
        ? String.join(" ", found.getNow().stream().map(InetAddress::getHostAddress).toList())
        : "nothing";
  }

  @Test
  void literalsTheTableAndTheHostsFileNeedNoNameServer() throws Exception {
    try (HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      assertEquals("192.0.2.7", resolve(resolver, "192.0.2.7"));
      assertEquals("2001:db8:0:0:0:0:0:7", resolve(resolver, "2001:db8::7"));
      assertEquals("127.0.0.2 0:0:0:0:0:0:0:1", resolve(resolver, "HUEY.example.com."));
      assertTrue(resolve(resolver, "localhost").startsWith("127.0.0.1"));
      assertEquals(0, server.asked("localhost"));
    }
  }

  @Test
  void hostsFileThatIsChangedIsTakenUp() throws Exception {
    Path hosts = directory.resolve("hosts");
    Files.writeString(hosts, "192.0.2.1 Dewey.example.com dewey\n");
    try (HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      assertEquals("192.0.2.1", resolve(resolver, "dewey.example.com"));
      Files.writeString(hosts, "192.0.2.2 dewey.example.com\n2001:db8::2 dewey.example.com\n");
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      String found = resolve(resolver, "dewey.example.com");
      while (found.equals("192.0.2.1") && System.nanoTime() < end) {
        found = resolve(resolver, "dewey.example.com");
      }
      assertEquals("192.0.2.2 2001:db8:0:0:0:0:0:2", found);
      assertEquals(0, server.asked("dewey.example.com"));
    }
  }

  @Test
  void addressServesThoughTheQuestionForTheOtherKindIsNotAnswered() throws Exception {
    server.answer("dewey.example.com", "192.0.2.1");
    server.beSilentOnOtherTypes();
    try (HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      assertEquals("192.0.2.1", resolve(resolver, "dewey.example.com"));
    }
  }

  @Test
  void nextNameServerIsAskedWhereTheFirstIsDead() throws Exception {
    try (FakeNameServer dead = new FakeNameServer();
        HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      dead.beSilent();
      servers.add(0, dead.address());
      server.answer("dewey.example.com", "192.0.2.1");
      assertEquals("192.0.2.1", resolve(resolver, "dewey.example.com"));
    }
  }

  @Test
  void lostQuestionIsAskedAgain() throws Exception {
    server.answer("dewey.example.com", "192.0.2.1");
    server.lose(2);
    try (HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      assertEquals("192.0.2.1", resolve(resolver, "dewey.example.com"));
    }
  }

  @Test
  void systemWithoutNameServersAsksThisMachineAndNobodyElse() {
    for (String text : List.of("", "# nothing\n", "search example.com\n", "nameserver x.y\n")) {
      assertEquals(
          List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53)),
          SystemNames.serversIn(text),
          text);
    }
    assertEquals(
        List.of(new InetSocketAddress("192.0.2.53", 53), new InetSocketAddress("2001:db8::53", 53)),
        SystemNames.serversIn("nameserver 192.0.2.53\r\n nameserver\t2001:db8::53 \n"));
  }

  @Test
  void answerIsKeptWithinItsBounds() throws Exception {
    server.answer("dewey.example.com", "192.0.2.1");
    try (HostResolver resolver = resolver(Duration.ofMinutes(1), Duration.ZERO)) {
      for (int i = 0; i < 5; i++) {
        assertEquals("192.0.2.1", resolve(resolver, "dewey.example.com"));
      }
      assertEquals(1, server.asked("dewey.example.com"));
    }
    try (HostResolver resolver = resolver(Duration.ZERO, Duration.ZERO)) {
      resolve(resolver, "dewey.example.com");
      server.answer("dewey.example.com", "192.0.2.2");
      assertEquals("192.0.2.2", resolve(resolver, "dewey.example.com"));
    }
  }

  @Test
  void staleAnswerServesWhileNoNameServerDoes() throws Exception {
    server.answer("louie.example.com", "192.0.2.3");
    try (HostResolver resolver = resolver(Duration.ZERO, Duration.ofMinutes(1))) {
      assertEquals("192.0.2.3", resolve(resolver, "louie.example.com"));
      server.beSilent();
      assertEquals("192.0.2.3", resolve(resolver, "louie.example.com"));
    }
  }

  @Test
  void nameThatIsGoneIsNotServedStale() throws Exception {
    server.answer("gone.example.com", "192.0.2.4");
    try (HostResolver resolver = resolver(Duration.ZERO, Duration.ofMinutes(1))) {
      assertEquals("192.0.2.4", resolve(resolver, "gone.example.com"));
      server.forget("gone.example.com");
      assertEquals("nothing", resolve(resolver, "gone.example.com"));
      server.beSilent();
      assertEquals("nothing", resolve(resolver, "gone.example.com"));
    }
  }
}
