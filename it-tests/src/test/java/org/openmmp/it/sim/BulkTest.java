package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.transport.TestCertificates;

/** Big messages, both ways, to a client that reads late (rule B3.11, rows B6 and B7). */
@Tag("slow")
final class BulkTest {
  private static final long SIZE = 50L << 20;
  private static final long MEMORY_BOUND = 16L << 20;
  private static final int SAMPLES_OF_A_STANDSTILL = 30;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"PLAIN, off", "TLS, implicit"})
  void bigMessagesPassByteForByteAndMemoryStaysBounded(Endpoint.Security client, String policy)
      throws Exception { // B3.11, B6, B7
    TestCertificates authority = TestCertificates.in(directory);
    try (BulkStore store = new BulkStore(listener(authority.server("127.0.0.1"), policy));
        SimSite site =
            SitePlan.replicated()
                .with(
                    "proxy.bulk { storehostlist = \"127.0.0.1\", imapport = " + store.port() + "}")
                .with("proxy.bulk.tls = " + policy)
                .with("proxy.bulk.tls-trust.ca-file = \"" + authority.authorityFile() + "\"")
                .withClientTls()
                .start();
        ImapConnection connection = site.connect(client)) {
      MailUser alice = site.user("alice", "bulk");
      assertTrue(SiteClients.login(connection, alice).isOk(), site::log);
      long before = directMemory();
      connection.send("f FETCH 1 BODY[] " + SIZE + "\r\n");
      Await.until("the store stands still", Duration.ofSeconds(20), standstillOf(store));
      assertTrue(store.sent() < SIZE, () -> store.sent() + " octets went to a client that sleeps");
      long grown = directMemory() - before;
      assertTrue(grown < MEMORY_BOUND, () -> grown + " octets of direct memory");
      assertEquals("* 1 FETCH (BODY[] {" + SIZE + "}", connection.line());
      assertEquals(BulkStore.digestOf(SIZE), BulkStore.digestOf(connection.input(), SIZE));
      assertEquals(")", connection.line());
      assertEquals("f OK done", connection.line());
      append(connection.output());
      assertEquals("a OK " + BulkStore.digestOf(SIZE), connection.line());
      long after = directMemory() - before;
      assertTrue(after < MEMORY_BOUND, () -> after + " octets of direct memory");
    }
  }

  private static void append(OutputStream out) throws IOException {
    out.write(("a APPEND INBOX {" + SIZE + "+}\r\n").getBytes(StandardCharsets.US_ASCII));
    for (long at = 0; at < SIZE; ) {
      byte[] chunk = BulkStore.chunk(at, SIZE);
      out.write(chunk);
      at += chunk.length;
    }
    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static ServerSocket listener(Certificate shown, String policy) throws IOException {
    ServerSocketFactory sockets = ServerSocketFactory.getDefault();
    if (policy.equals("implicit")) {
      JdkSslContext context =
          (JdkSslContext)
              SslContextBuilder.forServer(shown.chain().toFile(), shown.key().toFile())
                  .sslProvider(SslProvider.JDK)
                  .build();
      sockets = context.context().getServerSocketFactory();
    }
    return sockets.createServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  /** Holds once the store has begun and has written nothing for a while. */
  private static BooleanSupplier standstillOf(BulkStore store) {
    long[] last = {0, 0};
    return () -> {
      last[1] = store.sent() > 0 && store.sent() == last[0] ? last[1] + 1 : 0;
      last[0] = store.sent();
      return last[1] >= SAMPLES_OF_A_STANDSTILL;
    };
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
