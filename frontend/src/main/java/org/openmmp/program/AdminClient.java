package org.openmmp.program;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.AdminConfig.Role;
import org.openmmp.config.AdminConfig.Token;
import org.openmmp.config.ListenAddress;

/**
 * Asks a running front end, through its socket if that is there, else at its admin listener, as its
 * configuration says where these are.
 */
final class AdminClient {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int OK = 200;

  /**
   * What it said.
   *
   * @param status of HTTP
   * @param from where it was reached, for people
   */
  record Reply(int status, String body, String from) {}

  private final AdminConfig config;
  private final List<String> tried = new ArrayList<>();

  AdminClient(AdminConfig config) {
    this.config = config;
  }

  /**
   * Its answer; nothing if nobody is there.
   *
   * @param target path and query, encoded
   * @throws IOException if somebody is there and does not answer
   */
  Optional<Reply> ask(String method, String target) throws IOException {
    return ask(method, target, new byte[0]);
  }

  /** The same with a body, which is overwritten. */
  Optional<Reply> ask(String method, String target, byte[] body) throws IOException {
    return ask(method, target, body, null);
  }

  /**
   * Has something done that tells lines, and is done once its answer ends.
   *
   * @param lines is given each that is not empty, when it comes; nothing of a refusal
   * @return a refusal, or an answer with the last line alone
   */
  Optional<Reply> follow(String target, Consumer<String> lines) throws IOException {
    return ask("POST", target, new byte[0], lines);
  }

  private Optional<Reply> ask(
      String method, String target, byte[] body, @Nullable Consumer<String> lines)
      throws IOException {
    Optional<Path> socket = config.socket().filter(Files::exists);
    if (socket.isPresent()) {
      String name = socket.get().toString();
      Optional<Reply> answer =
          ask(
              UnixDomainSocketAddress.of(socket.get()),
              name,
              "localhost",
              method,
              target,
              body,
              lines);
      if (answer.isPresent()) {
        return answer;
      }
    }
    if (config.listen().isPresent()) {
      ListenAddress at = reachable(config.listen().get());
      return ask(
          new InetSocketAddress(InetAddress.getByName(at.host()), at.port()),
          at.toString(),
          at.toString(),
          method,
          target,
          body,
          lines);
    }
    return Optional.empty();
  }

  /** Why there was no answer, and what to do. */
  String nobody() {
    if (!tried.isEmpty()) {
      return "no front end answers at "
          + String.join(", nor at ", tried)
          + " (openmmp.admin.socket, openmmp.admin.listen)";
    }
    return config.socket().isPresent()
        ? "there is no "
            + config.socket().get()
            + " (openmmp.admin.socket), and openmmp.admin.listen is null: is a front end running?"
        : "openmmp.admin.socket and openmmp.admin.listen are null, so no front end can be asked";
  }

  private Optional<Reply> ask(
      SocketAddress address,
      String name,
      String host,
      String method,
      String target,
      byte[] body,
      @Nullable Consumer<String> lines)
      throws IOException {
    try (SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open()) {
      AtomicBoolean late = new AtomicBoolean();
      Timer limit = new Timer("limit", true);
      limit.schedule(
          new TimerTask() {
            @Override
            public void run() {
              late.set(true);
              closeQuietly(channel);
            }
          },
          LIMIT.toMillis());
      try {
        try {
          channel.connect(address);
        } catch (IOException nobodyThere) {
          tried.add(name + " (" + nobodyThere.getMessage() + ")");
          return Optional.empty();
        }
        send(channel, method, target, host, body);
        InputStream in = Channels.newInputStream(channel);
        return Optional.of(lines == null ? read(in, name) : follow(in, name, limit::cancel, lines));
      } catch (IOException broken) {
        throw late.get()
            ? new IOException(name + " did not answer within " + LIMIT.toSeconds() + " s", broken)
            : new IOException(name + ": " + broken.getMessage(), broken);
      } finally {
        limit.cancel();
      }
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      return;
    }
  }

  private void send(SocketChannel channel, String method, String target, String host, byte[] body)
      throws IOException {
    String token =
        config.allTokens().stream()
            .max(Comparator.comparing((Token each) -> each.role() == Role.ACT))
            .map(each -> new String(each.secret().copy(), StandardCharsets.ISO_8859_1))
            .map(text -> "Authorization: Bearer " + text + "\r\n")
            .orElse("");
    String length = body.length == 0 ? "" : "Content-Length: " + body.length + "\r\n";
    // A body in pieces comes to HTTP/1.1 alone (RFC 9112 section 7.1).
    ByteBuffer request =
        ByteBuffer.wrap(
            (method
                    + " "
                    + target
                    + " HTTP/1.0\r\nHost: "
                    + host
                    + "\r\n"
                    + token
                    + length
                    + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    write(channel, request);
    write(channel, ByteBuffer.wrap(body));
    Arrays.fill(body, (byte) 0);
  }

  private static void write(SocketChannel channel, ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }

  /** A refusal is read whole, in time. */
  private static Reply follow(InputStream in, String name, Runnable begun, Consumer<String> lines)
      throws IOException {
    BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    String head = reader.readLine();
    if (head == null || !head.matches("HTTP/1\\.[01] 200 .*")) {
      StringBuilder whole = new StringBuilder();
      for (String line = head; line != null; line = reader.readLine()) {
        whole.append(line).append("\r\n");
      }
      return parsed(whole.toString(), name);
    }
    begun.run();
    String last = "";
    boolean behindHead = false;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (behindHead && !line.isEmpty()) {
        lines.accept(line);
        last = line;
      }
      behindHead |= line.isEmpty();
    }
    return new Reply(OK, last, name);
  }

  private static Reply read(InputStream in, String name) throws IOException {
    return parsed(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
  }

  private static Reply parsed(String answer, String name) throws IOException {
    int end = answer.indexOf("\r\n\r\n");
    if (!answer.matches("(?s)HTTP/1\\.[01] \\d{3}.*") || end < 0) {
      throw new IOException("this is no front end of OpenMMP");
    }
    return new Reply(Integer.parseInt(answer.substring(9, 12)), answer.substring(end + 4), name);
  }

  /** A wildcard address is reached by the loopback one. */
  private static ListenAddress reachable(ListenAddress address) {
    return switch (address.host()) {
      case "0.0.0.0" -> new ListenAddress("127.0.0.1", address.port(), "");
      case "::" -> new ListenAddress("::1", address.port(), "");
      default -> address;
    };
  }
}
