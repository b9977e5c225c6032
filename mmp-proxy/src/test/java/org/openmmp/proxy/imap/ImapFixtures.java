package org.openmmp.proxy.imap;

import java.util.List;
import java.util.Map;
import org.openmmp.guard.PreAuthLimits;
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

  static ImapSettings settings(String... configuredCapabilities) {
    return settings(ImapCapabilities.configured(List.of(configuredCapabilities)));
  }

  static ImapSettings settings(StoreCapabilities capabilities) {
    return new ImapSettings(
        "mail.example.com",
        DialogueFixtures.ALL_MECHANISMS,
        true,
        "Your mail is being moved.",
        Map.of(),
        ip -> ip.startsWith("10."),
        capabilities,
        new PreAuthLimits(500, 1000, 3, 3),
        100,
        700);
  }

  static ClientDialogue dialogue(ImapSettings settings, ClientFacts facts) {
    return new ImapProtocol(settings).withClient(facts);
  }

  static String talk(ImapSettings settings, ClientFacts facts, List<byte[]> packets) {
    return DialogueFixtures.talk(dialogue(settings, facts), LOGGED_IN, packets);
  }

  static String refusedTalk(
      ImapSettings settings, ClientFacts facts, LoginFailure failure, List<byte[]> packets) {
    return DialogueFixtures.refusedTalk(dialogue(settings, facts), failure, packets);
  }

  static String storeTalk(StoreLogin login, List<byte[]> packets) {
    return DialogueFixtures.storeTalk(
        ImapStoreWords.dialogue(login, ImapCapabilities.learnt(() -> 0)), packets);
  }
}
