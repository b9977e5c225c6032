package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;
import org.openmmp.transport.Listener;
import org.openmmp.transport.Transports;

/** Which failed starts are worth another try. */
class StartStatusTest {
  private static int wrapped(Throwable cause) {
    return StartStatus.of(new IOException("cannot start", cause));
  }

  // B7.8
  @Test
  void whatMayPassIsTriedAgain() {
    assertEquals(75, wrapped(new BindException("Address already in use")));
    assertEquals(75, wrapped(new BindException("Cannot assign requested address")));
    assertEquals(75, wrapped(new UnknownHostException("mail.example.com")));
  }

  // B7.8
  @Test
  void whatIsRefusedAgainIsNot() {
    assertEquals(78, StartStatus.of(new IOException("the key k.pem does not belong to c.pem")));
    assertEquals(78, wrapped(new BindException("Permission denied")));
  }

  // B7.8
  @ParameterizedTest
  @EnumSource(TransportConfig.Kind.class)
  void portInUseMayPass(TransportConfig.Kind kind) throws IOException {
    TransportConfig config =
        new TransportConfig(kind, 1, 8, false, false, Duration.ofMinutes(8), Duration.ofMinutes(2));
    try (ServerSocket other = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Transports transports = Transports.open(config)) {
      ListenAddress taken = new ListenAddress("127.0.0.1", other.getLocalPort(), "");
      IOException refused =
          assertThrows(
              IOException.class,
              () ->
                  Listener.bind(
                      transports,
                      taken,
                      config,
                      new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel accepted) {
                          accepted.close();
                        }
                      }));
      assertEquals(75, StartStatus.of(refused));
    }
  }
}
