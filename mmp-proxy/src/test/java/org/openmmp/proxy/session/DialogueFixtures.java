package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/** Facts, logins and transcripts for tests of any protocol's dialogues. */
public final class DialogueFixtures {
  public static final ClientFacts IN_CLEAR =
      new ClientFacts("s1", "192.0.2.7", 40000, "192.0.2.1", 143, false, "", false, 4);
  public static final ClientFacts UNDER_TLS = IN_CLEAR.underTls(CertificateIdentity.NOBODY);
  public static final ClientFacts EXEMPT =
      new ClientFacts("s1", "127.0.0.1", 40000, "127.0.0.1", 143, false, "", true, 4);

  public static final List<Mechanism> ALL_MECHANISMS =
      List.of(
          Mechanism.PLAIN,
          Mechanism.LOGIN,
          Mechanism.OAUTHBEARER,
          Mechanism.XOAUTH2,
          Mechanism.EXTERNAL,
          Mechanism.SCRAM_SHA_1,
          Mechanism.SCRAM_SHA_256);

  /** A port at which a client may begin TLS. */
  public static final ListenConfig LISTEN =
      new ListenConfig(
          List.of(),
          List.of(),
          true,
          ClearTextPasswords.NEVER,
          Duration.ofMinutes(1),
          Duration.ofMinutes(30));

  private DialogueFixtures() {}

  /** All mechanisms, and a proxy in front that is believed. */
  public static PreAuthConfig preAuth(int lineOctets, int pipelinedOctets, int failedLogins) {
    return new PreAuthConfig(
        ALL_MECHANISMS,
        List.of(),
        NetworkSet.parse(List.of("10.0.0.0/8")),
        lineOctets,
        pipelinedOctets,
        3,
        failedLogins);
  }

  public static byte[] octets(String text) {
    return text.getBytes(ISO_8859_1);
  }

  public static String text(byte[] octets) {
    return new String(octets, ISO_8859_1);
  }

  public static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  public static Secret secret(String text) {
    return Secret.taking(text.getBytes(StandardCharsets.UTF_8));
  }

  public static Credentials password(String name, String password) {
    return new Credentials(Mechanism.COMMAND, name, "", secret(password));
  }

  public static StoreLogin login(TlsPolicy tls, Credentials credentials) {
    return new StoreLogin(
        new StoreHost("dewey"),
        credentials,
        credentials.loginName(),
        tls,
        "",
        Secret.none(),
        "",
        UNDER_TLS,
        false,
        Survival.OFF);
  }

  /** The same login at a store that trusts us, with an administrator. */
  public static StoreLogin telling(StoreLogin login) {
    return new StoreLogin(
        login.host(),
        login.credentials(),
        login.storeName(),
        login.tls(),
        "admin",
        secret("adminpass"),
        "",
        login.client(),
        true,
        login.survival());
  }

  /** The same login at a store that takes two names in one. */
  public static StoreLogin joining(StoreLogin login) {
    return new StoreLogin(
        login.host(),
        login.credentials(),
        login.storeName(),
        login.tls(),
        login.adminName(),
        login.adminPassword(),
        "*",
        login.client(),
        login.tellClient(),
        login.survival());
  }

  /** The same login at a store whose sessions are to outlive it. */
  public static StoreLogin surviving(StoreLogin login, String... hidden) {
    return new StoreLogin(
        login.host(),
        login.credentials(),
        login.storeName(),
        login.tls(),
        login.adminName(),
        login.adminPassword(),
        login.masterUserSeparator(),
        login.client(),
        login.tellClient(),
        new Survival(true, 1, Duration.ofSeconds(1), List.of(hidden)));
  }

  /** Everything that a client sees and that the session is asked for; CR left out. */
  public static String talk(ClientDialogue dialogue, StoreAnswer accepted, List<byte[]> packets) {
    StringBuilder seen = new StringBuilder();
    boolean loggingIn = false;
    for (byte[] packet : packets) {
      loggingIn |= write(seen, dialogue.onBytes(packet));
    }
    if (loggingIn) {
      seen.append(text(dialogue.accept(accepted)))
          .append("<rest>")
          .append(text(dialogue.leftOver()));
    }
    return seen.toString().replace("\r\n", "\n");
  }

  /** The same where every login is refused for that reason. */
  public static String refusedTalk(
      ClientDialogue dialogue, LoginFailure failure, List<byte[]> packets) {
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
  public static boolean write(StringBuilder seen, List<SessionStep> steps) {
    boolean loggingIn = false;
    for (SessionStep step : steps) {
      if (step instanceof SessionStep.Write send) {
        seen.append(text(send.octets()));
      } else if (step instanceof SessionStep.LogIn logIn) {
        seen.append(text(logIn.credentials()));
        loggingIn = true;
      } else if (step instanceof SessionStep.Close) {
        seen.append("<close>");
      } else if (step instanceof SessionStep.Respond respond) {
        seen.append("<respond ").append(text(respond.base64())).append('>');
      } else if (step == SessionStep.Simple.GIVE_UP) {
        seen.append("<give up>");
      } else if (!(step instanceof SessionStep.Refused)) { // which nobody on the wire sees
        seen.append("<tls>");
      }
    }
    return loggingIn;
  }

  /** Everything that a store sees, with its answer at the end; CR left out. */
  public static String storeTalk(StoreDialogue dialogue, List<byte[]> packets) {
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
      StringBuilder seen, StoreDialogue dialogue, List<StoreStep> steps) {
    boolean answered = false;
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        seen.append(text(send.octets()));
      } else if (step instanceof StoreDialogue.Challenge challenge) {
        seen.append("<asks ").append(text(challenge.base64())).append('>');
      } else if (step == StoreStep.Simple.GREETED) {
        seen.append("<greeted>");
      } else if (step instanceof StoreDialogue.Answered answer) {
        seen.append(text(answer.answer()));
        answered = true;
      } else if (step == StoreStep.Simple.START_TLS) {
        seen.append("<tls>");
        answered |= writeStore(seen, dialogue, dialogue.onTls());
      }
    }
    return answered;
  }

  public static String text(StoreAnswer answer) {
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
        + credentials.authcid()
        + ' '
        + credentials.authzid()
        + ' '
        + text(credentials.secret().copy())
        + (credentials.utf8() ? " utf8" : "")
        + ">";
  }
}
