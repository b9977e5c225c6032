package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.SafePoints;
import org.openmmp.wire.Secret;

/**
 * A protocol of whole lines that end in LF: {@code TLS}, {@code QUIT}, and {@code NAME PASSWORD} to
 * log in, or {@code USER/NAME PASSWORD} to do so for another; a name with {@code token:} before it
 * presents a token, one with {@code scram:} begins an exchange, in which the client responds in
 * lines or gives up with {@code *}, and one with {@code cert:} shows a certificate, with the
 * authorization identity in the password's place. It says nothing to stores: what those answer is
 * the test's.
 */
final class ScriptedProtocol implements Protocol {
  static final int MOST_PIPELINED = 200_000;

  /** Every secret that a client presented. */
  final List<Secret> secrets = new ArrayList<>();

  @Override
  public Service service() {
    return new Service("imap");
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new Client();
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return new Store(login);
  }

  @Override
  public ProbeDialogue trial(StoreLogin login) {
    throw new IllegalStateException("no probe reaches a session");
  }

  @Override
  public ProbeDialogue probe(StoreHost host, TlsPolicy tls) {
    throw new IllegalStateException("no probe reaches a session");
  }

  @Override
  public SafePoints safePoints() {
    return SafePoints.UNKNOWN;
  }

  @Override
  public byte[] lastWords(Farewell why, String session) {
    return octets("bye " + why);
  }

  private static byte[] octets(String line) {
    return (line + "\n").getBytes(US_ASCII);
  }

  /** The dialogue with a client. */
  private final class Client implements ClientDialogue {
    private final StringBuilder kept = new StringBuilder();
    private final List<SessionStep> steps = new ArrayList<>();
    private boolean waiting;
    private boolean asked;

    @Override
    public List<SessionStep> onOpen() {
      return List.of(new SessionStep.Write(octets("hello")));
    }

    @Override
    public List<SessionStep> onBytes(byte[] octets) {
      kept.append(new String(octets, US_ASCII));
      if (waiting && kept.length() > MOST_PIPELINED) {
        steps.add(new SessionStep.Close("too much behind the login"));
      }
      return advance();
    }

    @Override
    public List<SessionStep> onTls(ClientFacts facts) {
      kept.setLength(0);
      return List.of();
    }

    @Override
    public List<SessionStep> challenge(byte[] base64) {
      waiting = false;
      asked = true;
      steps.add(new SessionStep.Write(octets("? " + new String(base64, US_ASCII))));
      return advance();
    }

    @Override
    public List<SessionStep> refuse(LoginFailure failure, @Nullable StoreAnswer answer) {
      waiting = false;
      asked = false;
      steps.add(
          new SessionStep.Write(
              octets(
                  "no "
                      + failure
                      + (answer == null
                              || failure == LoginFailure.BAD_CREDENTIALS
                              || !answer.worded()
                          ? ""
                          : ": " + answer.finalResponse()))));
      return advance();
    }

    @Override
    public byte[] accept(StoreAnswer answer) {
      return octets("yes " + answer.finalResponse());
    }

    @Override
    public byte[] leftOver() {
      byte[] rest = kept.toString().getBytes(US_ASCII);
      kept.setLength(0);
      return rest;
    }

    @Override
    public int buffered() {
      return kept.length();
    }

    @Override
    public void forget() {
      // no secret is in a script
    }

    @Override
    public byte[] farewell(Farewell why) {
      return octets("bye " + why);
    }

    private List<SessionStep> advance() {
      for (int end = kept.indexOf("\n"); end >= 0 && !waiting; end = kept.indexOf("\n")) {
        String line = kept.substring(0, end);
        kept.delete(0, end + 1);
        obey(line);
      }
      List<SessionStep> taken = List.copyOf(steps);
      steps.clear();
      return taken;
    }

    private void obey(String line) {
      if (asked) {
        asked = false;
        waiting = !line.equals("*");
        steps.add(
            waiting
                ? new SessionStep.Respond(line.getBytes(US_ASCII))
                : SessionStep.Simple.GIVE_UP);
      } else if (line.equals("QUIT")) {
        waiting = true;
        steps.add(new SessionStep.Close("quit"));
      } else if (line.equals("TLS")) {
        steps.add(SessionStep.Simple.START_TLS);
      } else {
        waiting = true;
        steps.add(new SessionStep.LogIn(credentials(line)));
      }
    }

    private Credentials credentials(String line) {
      boolean token = line.startsWith("token:");
      boolean scram = line.startsWith("scram:");
      int space = line.indexOf(' ');
      String name = line.substring(0, space);
      if (line.startsWith("cert:")) {
        String authzid = line.substring(space + 1);
        return new Credentials(
            Mechanism.EXTERNAL, name.substring("cert:".length()), authzid, Secret.none());
      }
      Secret secret = Secret.taking(line.substring(space + 1).getBytes(US_ASCII));
      secrets.add(secret);
      String names = name.substring(name.indexOf(':') + 1);
      int slash = names.indexOf('/');
      return new Credentials(
          scram ? Mechanism.SCRAM_SHA_256 : token ? Mechanism.OAUTHBEARER : Mechanism.PLAIN,
          names.substring(slash + 1),
          names.substring(0, Math.max(0, slash)),
          secret);
    }
  }

  /**
   * The dialogue with a store, of which only its beginning is looked at.
   *
   * @param login whom it would log in
   */
  record Store(StoreLogin login) implements StoreDialogue {
    @Override
    public void hold() {
      // it says nothing anyway
    }

    @Override
    public List<StoreStep> logIn() {
      return List.of();
    }

    @Override
    public List<StoreStep> onBytes(byte[] octets) {
      return List.of();
    }

    @Override
    public List<StoreStep> onTls() {
      return List.of();
    }

    @Override
    public List<StoreStep> respond(byte[] base64) {
      return List.of();
    }

    @Override
    public byte[] leftOver() {
      return new byte[0];
    }

    @Override
    public byte[] leave() {
      return new byte[0];
    }
  }
}
