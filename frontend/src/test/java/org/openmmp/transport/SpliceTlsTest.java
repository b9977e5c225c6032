package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpliceTlsTest {
  private static final int BULK = 20 * 1024 * 1024;

  @TempDir Path directory;

  // B3.11
  @ParameterizedTest
  @CsvSource({
    "EPOLL, OPENSSL, TLSv1.3",
    "EPOLL, OPENSSL, TLSv1.2",
    "EPOLL, JDK, TLSv1.3",
    "NIO, OPENSSL, TLSv1.3"
  })
  void bulkUnderTlsPassesByteExactAndSoDoesItsEnd(
      Transports.Kind kind, SslProvider provider, String version) throws Exception {
    TestCertificates certificates = TestCertificates.in(directory);
    ServerTls tls =
        ServerTls.of(TestCertificates.settings(certificates.server("127.0.0.1")), "imap", provider);
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).under(tls)) {
      JdkSslContext context =
          (JdkSslContext)
              SslContextBuilder.forClient()
                  .sslProvider(SslProvider.JDK)
                  .protocols(version)
                  .trustManager(certificates.authorityFile().toFile())
                  .build();
      SSLSocket client =
          (SSLSocket)
              context
                  .context()
                  .getSocketFactory()
                  .createSocket("127.0.0.1", rig.listener.address().getPort());
      CompletableFuture<Boolean> shaken =
          SpliceRig.async(
              () -> {
                client.startHandshake();
                return true;
              });
      try (SpliceRig.Pair pair = rig.joined(client)) {
        shaken.get(30, TimeUnit.SECONDS);
        exchange(pair.client(), pair.store());
        pair.client().shutdownOutput();
        assertEquals(-1, pair.store().getInputStream().read());
        pair.store().close();
        assertEquals(-1, pair.client().getInputStream().read());
        SpliceEnd end = rig.awaitEnd();
        assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, end.reason());
        assertEquals(BULK, end.octetsToStore());
        assertEquals(BULK, end.octetsToClient());
      }
    }
  }

  private static void exchange(Socket client, Socket store) throws Exception {
    byte[] up = new byte[BULK];
    byte[] down = new byte[BULK];
    new Random(1).nextBytes(up);
    new Random(2).nextBytes(down);
    SpliceRig.async(
        () -> {
          client.getOutputStream().write(up);
          return true;
        });
    SpliceRig.async(
        () -> {
          store.getOutputStream().write(down);
          return true;
        });
    CompletableFuture<byte[]> atStore =
        SpliceRig.async(() -> store.getInputStream().readNBytes(BULK));
    assertArrayEquals(down, client.getInputStream().readNBytes(BULK));
    assertArrayEquals(up, atStore.get(60, TimeUnit.SECONDS));
  }
}
