package org.openmmp.proxy.imap;

import java.util.List;
import org.openmmp.config.ImapConfig;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;

/** Settings and dialogues for tests of IMAP. */
final class ImapFixtures {
  static final StoreAnswer LOGGED_IN =
      new StoreAnswer(
          AttemptOutcome.ACCEPTED,
          null,
          List.of("* CAPABILITY IMAP4rev1 IDLE"),
          "OK Logged in",
          "accepted");

  private ImapFixtures() {}

  static ImapProtocol protocol(String... configuredCapabilities) {
    return protocol(ImapCapabilities.configured(List.of(configuredCapabilities)));
  }

  static ImapProtocol protocol(StoreCapabilities capabilities) {
    return protocol(capabilities, DialogueFixtures.preAuth(500, 1000, 3), 100);
  }

  static ImapProtocol protocol(
      StoreCapabilities capabilities, PreAuthConfig preAuth, int literalOctets) {
    return new ImapProtocol(
        "mail.example.com",
        new ImapConfig(
            DialogueFixtures.LISTEN, preAuth, "Your mail is being moved.", literalOctets),
        capabilities);
  }

  /** What a client is offered by its greeting. */
  static String offered(ImapProtocol protocol, ClientFacts facts) {
    StringBuilder greeting = new StringBuilder();
    DialogueFixtures.write(greeting, protocol.withClient(facts).onOpen());
    return greeting.substring(greeting.indexOf("["), greeting.indexOf("]"));
  }

  static ClientDialogue dialogue(ImapProtocol protocol, ClientFacts facts) {
    return protocol.withClient(facts);
  }

  static String talk(ImapProtocol protocol, ClientFacts facts, List<byte[]> packets) {
    return DialogueFixtures.talk(dialogue(protocol, facts), LOGGED_IN, packets);
  }

  static String refusedTalk(
      ImapProtocol protocol, ClientFacts facts, LoginFailure failure, List<byte[]> packets) {
    return DialogueFixtures.refusedTalk(dialogue(protocol, facts), failure, packets);
  }

  static String storeTalk(StoreLogin login, List<byte[]> packets) {
    return DialogueFixtures.storeTalk(
        ImapStoreWords.dialogue(login, ImapCapabilities.learnt(() -> 0)), packets);
  }
}
