package org.openmmp.proxy.pop3;

import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openmmp.config.Pop3Config;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.session.DialogueRow;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.TlsPolicy;

/** Settings, dialogues and rows for tests of POP3. */
final class Pop3Fixtures {
  static final StoreAnswer LOGGED_IN =
      new StoreAnswer(AttemptOutcome.ACCEPTED, null, List.of(), "+OK 2 messages", "accepted");
  static final String WRONG = "-ERR [AUTH] Authentication failed.\n";
  static final String NEXT = "+OK Send the password.\n";
  static final String UNKNOWN = "-ERR Not a command, or not one before login.\n";
  static final String PRIVACY = "-ERR Begin TLS first.\n";
  static final String ABUSE = "-ERR Too many bad commands, or one that is too long.\n<close>";

  private Pop3Fixtures() {}

  static Pop3Protocol protocol(String... configuredCapabilities) {
    return protocol(Pop3Capabilities.configured(List.of(configuredCapabilities)));
  }

  static Pop3Protocol protocol(StoreCapabilities capabilities) {
    return new Pop3Protocol(
        "mail.example.com",
        new Pop3Config(DialogueFixtures.LISTEN, DialogueFixtures.preAuth(500, 1000, 3)),
        capabilities);
  }

  /** What a client is told by CAPA. */
  static String offered(Pop3Protocol protocol, ClientFacts facts) {
    StringBuilder said = new StringBuilder();
    DialogueFixtures.write(
        said, protocol.withClient(facts).onBytes(DialogueFixtures.octets("CAPA\r\n")));
    return said.toString();
  }

  static ClientDialogue dialogue(Pop3Protocol protocol, ClientFacts facts) {
    return protocol.withClient(facts);
  }

  static String talk(Pop3Protocol protocol, ClientFacts facts, List<byte[]> packets) {
    return DialogueFixtures.talk(dialogue(protocol, facts), LOGGED_IN, packets);
  }

  /** A client under TLS. */
  static DialogueRow client(String name, String in, String out) {
    return client(name, DialogueFixtures.UNDER_TLS, in, out);
  }

  static DialogueRow client(String name, ClientFacts facts, String in, String out) {
    return new DialogueRow(
        name, in, out, packets -> talk(protocol("TOP", "UIDL", "UTF8"), facts, packets));
  }

  static String loggedIn(String credentials, String rest) {
    return "<login " + credentials + ">+OK 2 messages\n<rest>" + rest;
  }

  /** A store that alice logs in to; each of its lines comes after the command that it answers. */
  static DialogueRow store(String name, TlsPolicy policy, String in, String out) {
    return store(name, login(policy, password("alice", "secret")), in, out);
  }

  static DialogueRow store(String name, StoreLogin login, String in, String out) {
    return new DialogueRow(
        name,
        in,
        out,
        packets ->
            DialogueFixtures.storeTalk(
                Pop3StoreWords.dialogue(login, Pop3Capabilities.learnt(() -> 0)),
                lineByLine(packets)));
  }

  /** The same octets in packets that end where a line does, if not before. */
  static List<byte[]> lineByLine(List<byte[]> packets) {
    List<byte[]> cut = new ArrayList<>();
    for (byte[] packet : packets) {
      int start = 0;
      for (int i = 0; i < packet.length; i++) {
        if (packet[i] == '\n' || i == packet.length - 1) {
          cut.add(Arrays.copyOfRange(packet, start, i + 1));
          start = i + 1;
        }
      }
    }
    return cut;
  }
}
