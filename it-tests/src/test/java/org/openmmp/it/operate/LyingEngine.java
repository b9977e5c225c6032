package org.openmmp.it.operate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What is where a Redis server should be, and is none, or is one that cannot be used. */
final class LyingEngine implements AutoCloseable {
  /** What it does. */
  enum Way {
    CLOSES(""),
    SAYS_NOTHING(""),
    DRIPS("+"),
    SPEAKS_HTTP("HTTP/1.1 400 Bad Request\r\n\r\n"),
    SAYS_OK("+OK\r\n"),
    SAYS_ONE(":1\r\n"),
    SAYS_NULL("$-1\r\n"),
    HAS_NOTHING("*0\r\n"),
    HAS_MOVED("-MOVED 7 127.0.0.1:%d\r\n"),
    ASKS_ELSEWHERE("-ASK 7 127.0.0.1:%d\r\n"),
    IS_A_REPLICA("-READONLY You can't write against a read only replica.\r\n"),
    LOADS("-LOADING Redis is loading the dataset in memory\r\n"),
    FORBIDS("-NOPERM this user has no permissions to run the 'hset' command\r\n"),
    IS_FULL("-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
    CANNOT_SAVE("-MISCONF Redis is configured to save RDB snapshots, but it cannot\r\n"),
    ASKS_WHO("-NOAUTH Authentication required.\r\n"),
    LACKS_SLOTS("-CLUSTERDOWN Hash slot not served\r\n"),
    LACKS_REPLICAS("-NOREPLICAS Not enough good replicas to write.\r\n"),
    IS_BUSY("-BUSY Redis is busy running a script.\r\n"),
    HAS_ANOTHER_TYPE("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
    REPEATS("-ERR unknown command `AUTH`, with args beginning with: `openmmp`, `s3cret`\r\n"),
    ERRS_AT_LENGTH("-" + "x".repeat(60_000) + "\r\n"),
    ANNOUNCES_OCTETS("$2000000000\r\nx"),
    ANNOUNCES_ELEMENTS("*2000000000\r\n"),
    NESTS("*1\r\n".repeat(10_000)),
    ANSWERS_TWICE("+OK\r\n+OK\r\n"),
    FLOODS("+" + "x".repeat(60_000));

    private final String answer;

    Way(String answer) {
      this.answer = answer;
    }
  }

  private final ServerSocket listener;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Way way;

  LyingEngine(Way way) {
    this.way = way;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    begin("lying", this::accept);
  }

  private static void begin(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  String url() {
    return "redis://127.0.0.1:" + listener.getLocalPort();
  }

  /** From the next command on. */
  void go(Way next) {
    way = next;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        begin("lying", () -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    byte[] octets = new byte[65_536];
    try (client) {
      InputStream in = client.getInputStream();
      for (int read = in.read(octets); read > 0; read = in.read(octets)) {
        // As many answers as there are commands.
        String asked = new String(octets, 0, read, ISO_8859_1);
        int commands = (int) asked.chars().filter(each -> each == '*').count();
        if (!isServed(client.getOutputStream(), Math.max(1, commands))) {
          return;
        }
      }
    } catch (IOException gone) {
      return;
    }
  }

  private boolean isServed(OutputStream out, int commands) throws IOException {
    Way now = way;
    if (now == Way.CLOSES) {
      return false;
    }
    String answer = now.answer.formatted(listener.getLocalPort()).repeat(commands);
    do {
      out.write(answer.getBytes(ISO_8859_1));
      out.flush();
    } while (goesOn(now));
    return true;
  }

  /** One octet a second, or as many as somebody reads. */
  private boolean goesOn(Way now) {
    try {
      return switch (now) {
        case DRIPS -> !over.await(1, TimeUnit.SECONDS);
        case FLOODS -> over.getCount() > 0;
        default -> false;
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    over.countDown();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
