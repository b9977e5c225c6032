package org.openmmp.it.sim;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store on plain blocking sockets that logs everybody in and then gives or takes one big message:
 * none of its memory is the proxy's library's, so that the proxy's can be watched.
 */
final class BulkStore implements AutoCloseable {
  private static final int CHUNK = 16 * 1024;

  private final ServerSocket listener;
  private final AtomicLong sent = new AtomicLong();

  /** Begins to listen and serves each connection on a thread. */
  BulkStore(ServerSocket listener) {
    this.listener = listener;
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Octets of the message written so far. */
  long sent() {
    return sent.get();
  }

  /** The octet of a message at a place: no two neighbouring lines are alike. */
  static byte octetAt(long place) {
    return (byte) (' ' + (place * 31 + place / 251) % 90);
  }

  /** The digest of the message of that length, in the form that the store answers an APPEND by. */
  static String digestOf(long length) {
    MessageDigest digest = sha256();
    for (long at = 0; at < length; at += CHUNK) {
      digest.update(chunk(at, length));
    }
    return text(digest);
  }

  /** The next octets of the message of that length, 16 KiB of them or what is left. */
  static byte[] chunk(long from, long length) {
    byte[] octets = new byte[(int) Math.min(CHUNK, length - from)];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = octetAt(from + i);
    }
    return octets;
  }

  /** Reads so many octets and gives their digest. */
  static String digestOf(InputStream in, long length) throws IOException {
    MessageDigest digest = sha256();
    long left = length;
    while (left > 0) {
      byte[] octets = in.readNBytes((int) Math.min(CHUNK, left));
      if (octets.length == 0) {
        throw new IOException(left + " octets are missing");
      }
      digest.update(octets);
      left -= octets.length;
    }
    return text(digest);
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listener.accept();
        start(() -> serve(connection));
      }
    } catch (IOException closed) {
      // the end of the test
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      say(out, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready");
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        answer(line, in, out);
      }
    } catch (IOException gone) {
      // the proxy hung up
    }
  }

  private void answer(String line, InputStream in, OutputStream out) throws IOException {
    String tag = line.substring(0, line.indexOf(' '));
    if (line.contains(" FETCH ")) {
      long length = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
      say(out, "* 1 FETCH (BODY[] {" + length + "}");
      for (long at = 0; at < length; at += CHUNK) {
        out.write(chunk(at, length));
        sent.set(Math.min(at + CHUNK, length));
      }
      say(out, ")");
      say(out, tag + " OK done");
    } else if (line.contains(" APPEND ")) {
      long length = Long.parseLong(line.substring(line.indexOf('{') + 1, line.indexOf('+')));
      String digest = digestOf(in, length);
      line(in);
      say(out, tag + " OK " + digest);
    } else {
      say(out, tag + " OK done");
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** A line without its end; empty at the end of the connection. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      line.append((char) octet);
    }
    return line.toString().stripTrailing();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "bulk store");
    thread.setDaemon(true);
    thread.start();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
