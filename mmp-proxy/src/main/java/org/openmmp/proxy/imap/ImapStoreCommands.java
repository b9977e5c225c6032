package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.LoginPieces;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreLoginForm;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

/** The proxy's commands to a store. */
final class ImapStoreCommands {
  private ImapStoreCommands() {}

  /** Tells the store who the client is (rule B3.12), after RFC 2971; without line end. */
  static String id(String tag, ClientFacts client) {
    StringBuilder command = new StringBuilder(200).append(tag).append(" ID (");
    field(command, "x-originating-ip", client.clientIp());
    field(command, "x-originating-port", client.clientPort());
    field(command, "x-connected-ip", client.serverIp());
    field(command, "x-connected-port", client.serverPort());
    // A proxy that reads 1 is the last that may stand there: one more than may stand behind us.
    field(command, "x-proxy-ttl", client.proxyTtl() + 1);
    field(command, "x-session-id", client.sessionId());
    command.setLength(command.length() - 1);
    return command.append(')').toString();
  }

  /** The login in the form that the store takes. */
  static LoginPieces logIn(String tag, StoreLoginForm form, StoreCapabilities.Listing store) {
    if (form.mechanism() == Mechanism.COMMAND) {
      return LoginPieces.ofCommand(login(tag, form.commandName(), form.commandSecret(), store));
    }
    String command = tag + " AUTHENTICATE " + form.mechanism().saslName();
    return LoginPieces.ofSasl(command, form, store.has("SASL-IR"));
  }

  /**
   * LOGIN in pieces. What is printable ASCII is quoted, anything else is a literal, so that no
   * octet of a client can end the command.
   */
  private static List<byte[]> login(
      String tag, String name, Secret secret, StoreCapabilities.Listing store) {
    byte[] user = name.getBytes(UTF_8);
    byte[] password = secret.copy();
    ClearingStream line = new ClearingStream(user.length + password.length);
    List<byte[]> pieces = new ArrayList<>(1);
    line.writeBytes(octets(tag + " LOGIN "));
    astring(user, line, pieces, store);
    line.write(' ');
    astring(password, line, pieces, store);
    Arrays.fill(password, (byte) 0);
    line.writeBytes(octets("\r\n"));
    pieces.add(line.takeAll());
    return pieces;
  }

  /** A command about a mailbox in pieces: each but the first waits to be asked for. */
  static List<byte[]> aboutMailbox(
      String command, byte[] mailbox, String rest, StoreCapabilities.Listing store) {
    ClearingStream line = new ClearingStream(command.length() + mailbox.length + rest.length());
    List<byte[]> pieces = new ArrayList<>(1);
    line.writeBytes(octets(command + " "));
    astring(mailbox, line, pieces, store);
    line.writeBytes(octets(rest + "\r\n"));
    pieces.add(line.takeAll());
    return pieces;
  }

  private static void astring(
      byte[] value, ClearingStream line, List<byte[]> pieces, StoreCapabilities.Listing store) {
    if (isPrintable(value)) {
      line.write('"');
      for (byte octet : value) {
        if (octet == '"' || octet == '\\') {
          line.write('\\');
        }
        line.write(octet);
      }
      line.write('"');
    } else if (takesLiteralAtOnce(value.length, store)) {
      line.writeBytes(octets("{" + value.length + "+}\r\n"));
      line.writeBytes(value);
    } else {
      line.writeBytes(octets("{" + value.length + "}\r\n"));
      pieces.add(line.takeAll());
      line.writeBytes(value);
    }
  }

  /** Whether a literal of that size may be sent without waiting (RFC 7888). */
  private static boolean takesLiteralAtOnce(int size, StoreCapabilities.Listing store) {
    return store.has("LITERAL+")
        || (size <= 4096 && (store.has("LITERAL-") || store.has("IMAP4REV2")));
  }

  private static boolean isPrintable(byte[] value) {
    for (byte octet : value) {
      if (octet < ' ' || octet == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static void field(StringBuilder command, String name, int value) {
    command.append('"').append(name).append("\" \"").append(value).append("\" ");
  }

  private static void field(StringBuilder command, String name, String value) {
    if (isPrintable(value)) {
      command.append('"').append(name).append("\" \"");
      for (int i = 0; i < value.length(); i++) { // RFC 9051 section 4.3
        char c = value.charAt(i);
        if (c == '"' || c == '\\') {
          command.append('\\');
        }
        command.append(c);
      }
      command.append("\" ");
    }
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  private static byte[] octets(String text) {
    return text.getBytes(ISO_8859_1);
  }

  /** A stream that keeps no copy of what was taken out of it. */
  private static final class ClearingStream extends ByteArrayOutputStream {
    private static final int ROOM_BESIDE = 64;

    /** Has room for strings of so many octets in all, each of which may need a backslash. */
    ClearingStream(int strings) {
      super(2 * strings + ROOM_BESIDE);
    }

    byte[] takeAll() {
      byte[] all = toByteArray();
      Arrays.fill(buf, (byte) 0);
      reset();
      return all;
    }
  }
}
