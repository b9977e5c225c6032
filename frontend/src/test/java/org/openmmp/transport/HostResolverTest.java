package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.config.ResolverConfig;

class HostResolverTest {
  private Transports transports;
  private FakeNameServer server;

  @BeforeEach
  void open() throws Exception {
    transports = Transports.open(Transports.Kind.EPOLL, 2);
    server = new FakeNameServer();
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
        new SingletonDnsServerAddressStreamProvider(server.address()));
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
