package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Mechanism;
import org.openmmp.proxy.store.LoginPieces;
import org.openmmp.proxy.store.StoreLoginForm;

/** The proxy's commands to a store. */
final class Pop3StoreCommands {
  /** RFC 5034 section 4: the longest line that may carry an initial response, with its end. */
  private static final int MAX_LINE_WITH_RESPONSE = 255;

  private Pop3StoreCommands() {}

  /** Tells the store who the client is (rule B3.12), in the form that Dovecot takes. */
  static String xclient(ClientFacts client) {
    // A proxy that reads 1 is the last that may stand there: one more than may stand behind us.
    return "XCLIENT ADDR="
        + client.clientIp()
        + " PORT="
        + client.clientPort()
        + " SESSION="
        + client.sessionId()
        + " TTL="
        + (client.proxyTtl() + 1);
  }

  /** The login in the form that the store takes. */
  static LoginPieces logIn(StoreLoginForm form) {
    if (form.mechanism() == Mechanism.COMMAND) {
      byte[] password = form.commandSecret().copy();
      List<byte[]> pieces =
          List.of(line("USER ", form.commandName().getBytes(UTF_8)), line("PASS ", password));
      Arrays.fill(password, (byte) 0);
      return LoginPieces.ofCommand(pieces);
    }
    String command = "AUTH " + form.mechanism().saslName();
    int length = command.length() + 1 + form.message().length + 2;
    return LoginPieces.ofSasl(command, form, length <= MAX_LINE_WITH_RESPONSE);
  }

  private static byte[] line(String head, byte[] argument) {
    byte[] start = head.getBytes(UTF_8);
    byte[] line = Arrays.copyOf(start, start.length + argument.length + 2);
    System.arraycopy(argument, 0, line, start.length, argument.length);
    line[line.length - 2] = '\r';
    line[line.length - 1] = '\n';
    return line;
  }
}
