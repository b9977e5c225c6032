package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.openmmp.config.TlsPolicy;
import org.openmmp.proxy.session.ClientDialogue;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.ClientStep;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.Mechanism;
import org.openmmp.proxy.session.PreAuthLimits;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.proxy.session.StoreCapabilities;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.proxy.session.StoreStep;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.Secret;

/** Settings, facts and transcripts for tests of dialogues. */
final class ImapFixtures {
  static final ClientFacts IN_CLEAR =
      new ClientFacts("s1", "192.0.2.7", 40000, "192.0.2.1", 143, false, "", false, 4);
  static final ClientFacts UNDER_TLS = IN_CLEAR.underTls("");
  static final ClientFacts EXEMPT =
      new ClientFacts("s1", "127.0.0.1", 40000, "127.0.0.1", 143, false, "", true, 4);

  static final StoreAnswer LOGGED_IN =
      new StoreAnswer(
          AttemptOutcome.ACCEPTED,
          null,
          List.of("* CAPABILITY IMAP4rev1 IDLE"),
          "OK Logged in",
          "accepted");

  private static final List<Mechanism> ALL =
      List.of(
          Mechanism.PLAIN,
          Mechanism.LOGIN,
          Mechanism.OAUTHBEARER,
          Mechanism.XOAUTH2,
          Mechanism.EXTERNAL,
          Mechanism.SCRAM_SHA_1,
          Mechanism.SCRAM_SHA_256);

  private ImapFixtures() {}

  static ImapSettings settings(String... configuredCapabilities) {
    return settings(ImapCapabilities.configured(List.of(configuredCapabilities)));
  }

  static ImapSettings settings(StoreCapabilities capabilities) {
    return new ImapSettings(
        "mail.example.com",
        ALL,
        true,
        "Your mail is being moved.",
        Map.of(),
        ip -> ip.startsWith("10."),
        capabilities,
        new ImapLimits(new PreAuthLimits(500, 1000, 3, 3), 100, 700));
  }

  static ClientDialogue dialogue(ImapSettings settings, ClientFacts facts) {
    return new ImapProtocol(settings).withClient(facts);
  }

  static byte[] octets(String text) {
    return text.getBytes(ISO_8859_1);
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Everything that a client sees and that the session is asked for; CR left out. */
  static String talk(ImapSettings settings, ClientFacts facts, List<byte[]> packets) {
    ClientDialogue dialogue = dialogue(settings, facts);
    StringBuilder seen = new StringBuilder();
    boolean loggingIn = false;
    for (byte[] packet : packets) {
      loggingIn |= write(seen, dialogue.onBytes(packet));
    }
    if (loggingIn) {
      seen.append(text(dialogue.accept(LOGGED_IN)))
          .append("<rest>")
          .append(text(dialogue.leftOver()));
    }
    return seen.toString().replace("\r\n", "\n");
  }

  /** The same where every login is refused for that reason. */
  static String refusedTalk(
      ImapSettings settings, ClientFacts facts, LoginFailure failure, List<byte[]> packets) {
    ClientDialogue dialogue = dialogue(settings, facts);
    StringBuilder seen = new StringBuilder();
    for (byte[] packet : packets) {
      boolean loggingIn = write(seen, dialogue.onBytes(packet));
      while (loggingIn) {
        loggingIn = write(seen, dialogue.refuse(failure, null));
      }
    }
    return seen.toString().replace("\r\n", "\n");
  }

  /** Writes steps down; whether a login is wanted. */
  static boolean write(StringBuilder seen, List<ClientStep> steps) {
    boolean loggingIn = false;
    for (ClientStep step : steps) {
      if (step instanceof ClientStep.Send send) {
        seen.append(text(send.octets()));
      } else if (step instanceof ClientStep.LogIn logIn) {
        seen.append(text(logIn.credentials()));
        loggingIn = true;
      } else if (step instanceof ClientStep.Close) {
        seen.append("<close>");
      } else if (step instanceof ClientStep.Respond respond) {
        seen.append("<respond ").append(text(respond.base64())).append('>');
      } else if (step instanceof ClientStep.GiveUp) {
        seen.append("<give up>");
      } else {
        seen.append("<tls>");
      }
    }
    return loggingIn;
  }

  static String text(byte[] octets) {
    return new String(octets, ISO_8859_1);
  }

  static StoreLogin login(TlsPolicy tls, Credentials credentials) {
    return new StoreLogin(
        new StoreHost("dewey"),
        credentials,
        credentials.loginName(),
        tls,
        "",
        Secret.none(),
        UNDER_TLS,
        false);
  }

  static StoreLogin telling(StoreLogin login) {
    return new StoreLogin(
        login.host(),
        login.credentials(),
        login.storeName(),
        login.tls(),
        "admin",
        secret("adminpass"),
        login.client(),
        true);
  }

  static Credentials password(String name, String password) {
    return new Credentials(Mechanism.COMMAND, name, "", secret(password));
  }

  static Secret secret(String text) {
    return Secret.taking(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Everything that a store sees, with its answer at the end; CR left out. */
  static String storeTalk(StoreLogin login, List<byte[]> packets) {
    ImapStoreDialogue dialogue = new ImapStoreDialogue(login, ImapCapabilities.learnt());
    StringBuilder seen = new StringBuilder();
    boolean answered = false;
    for (byte[] packet : packets) {
      answered |= writeStore(seen, dialogue, dialogue.onBytes(packet));
    }
    if (answered) {
      seen.append("<rest>").append(text(dialogue.leftOver()));
    }
    return seen.toString().replace("\r\n", "\n");
  }

  private static boolean writeStore(
      StringBuilder seen, ImapStoreDialogue dialogue, List<StoreStep> steps) {
    boolean answered = false;
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        seen.append(text(send.octets()));
      } else if (step instanceof StoreStep.Challenge challenge) {
        seen.append("<asks ").append(text(challenge.base64())).append('>');
      } else if (step instanceof StoreStep.Greeted) {
        seen.append("<greeted>");
      } else if (step instanceof StoreStep.Answered answer) {
        seen.append(text(answer.answer()));
        answered = true;
      } else {
        seen.append("<tls>");
        answered |= writeStore(seen, dialogue, dialogue.onTls());
      }
    }
    return answered;
  }

  static String text(StoreAnswer answer) {
    String to =
        answer.referral() == null
            ? ""
            : " to "
                + answer.referral().user()
                + '@'
                + answer.referral().host()
                + ':'
                + answer.referral().port()
                + (answer.referral().loggedIn() ? " logged in" : "");
    return "<"
        + answer.outcome()
        + to
        + "|"
        + String.join("|", answer.untagged())
        + "|"
        + answer.finalResponse()
        + ">";
  }

  private static String text(Credentials credentials) {
    return "<login "
        + credentials.mechanism()
        + ' '
        + credentials.loginName()
        + ' '
        + credentials.authzid()
        + ' '
        + new String(credentials.secret().copy(), ISO_8859_1)
        + ">";
  }
}
