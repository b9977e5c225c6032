package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Function;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

/** A store's side of a dialogue that holds where its login would begin. */
public final class HeldScript {
  private static final String NAME = "bob@example.org";
  private static final String PASSWORD = "geheim";

  private HeldScript() {}

  /**
   * Plays a store.
   *
   * @param words what it says, {@code ~} for a line's end, {@code (tls)} for a handshake, {@code
   *     (more)} between answers and {@code (in)} where it is chosen
   * @return sent lines, of those with the name only how many, {@code TLS} where it begins, {@code
   *     READY} where it holds, then the outcome and, if no name was said, the farewell
   */
  public static String play(
      Function<StoreLogin, StoreDialogue> maker, TlsPolicy tls, String words) {
    StoreDialogue dialogue = maker.apply(login(tls));
    dialogue.hold();
    StringBuilder happened = new StringBuilder();
    for (String part : words.strip().replace("~", "\r\n").split("(?=\\()", -1)) {
      String said = part.substring(part.startsWith("(") ? part.indexOf(')') + 1 : 0);
      if (part.startsWith("(tls)")) {
        tell(dialogue.onTls(), happened);
      } else if (part.startsWith("(in)")) {
        tell(dialogue.logIn(), happened);
      }
      if (!said.isEmpty()) {
        tell(dialogue.onBytes(said.getBytes(US_ASCII)), happened);
      }
    }
    if (happened.indexOf("with the name") < 0) {
      happened.append('/').append(new String(dialogue.leave(), US_ASCII).strip());
    }
    return happened.toString().strip();
  }

  private static StoreLogin login(TlsPolicy tls) {
    return new StoreLogin(
        new StoreHost("huey"),
        new Credentials(Mechanism.COMMAND, NAME, "", Secret.taking(PASSWORD.getBytes(US_ASCII))),
        NAME,
        tls,
        "",
        Secret.none(),
        "",
        new ClientFacts("s1", "192.0.2.1", 40000, "192.0.2.2", 143, false, "", true, 9),
        true,
        Survival.OFF);
  }

  private static void tell(List<StoreStep> steps, StringBuilder happened) {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    StringBuilder behind = new StringBuilder();
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        sent.writeBytes(send.octets());
      } else if (step == StoreStep.Simple.START_TLS) {
        behind.append("TLS ");
      } else if (step == StoreStep.Simple.NAMED) {
        happened.append("named ");
      } else if (step == StoreStep.Simple.READY) {
        behind.append("READY ");
      } else if (step instanceof StoreDialogue.Answered last) {
        behind.append(last.answer().outcome()).append(' ');
      }
    }
    String lines = sent.toString(US_ASCII).strip();
    if (lines.contains(NAME) || lines.contains("192.0.2.1") || lines.contains(PASSWORD)) {
      happened.append('>').append(lines.lines().count()).append(" lines with the name ");
    } else if (!lines.isEmpty()) {
      happened.append('>').append(lines.replace("\r\n", ";")).append(' ');
    }
    happened.append(behind);
  }
}
