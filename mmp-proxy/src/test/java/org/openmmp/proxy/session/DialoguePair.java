package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;

/** A client's dialogue and a store's, with what a session would pass between them. */
public final class DialoguePair {
  private final ClientDialogue client;
  private final Function<StoreLogin, StoreDialogue> stores;
  private final List<String> greeting;
  private final int piece;
  private final List<String> toClient = new ArrayList<>();
  private final List<String> toStore = new ArrayList<>();
  private @Nullable StoreDialogue store;
  private @Nullable StoreAnswer answer;

  /**
   * A pair, of which the store is there once the client logs in by an exchange.
   *
   * @param greeting the lines that the store says first
   * @param piece octets that come at one time
   */
  public DialoguePair(
      ClientDialogue client,
      Function<StoreLogin, StoreDialogue> stores,
      List<String> greeting,
      int piece) {
    this.client = client;
    this.stores = stores;
    this.greeting = greeting;
    this.piece = piece;
  }

  /** The client sends a line. */
  public void client(String line) {
    pieces(line).forEach(octets -> onClient(client.onBytes(octets)));
  }

  /** The store sends a line. */
  public void store(String line) {
    pieces(line).forEach(octets -> onStore(present().onBytes(octets)));
  }

  /** The next line that the client got. */
  public String toClient() {
    return toClient.remove(0);
  }

  /** The next line that the store got. */
  public String toStore() {
    return toStore.remove(0);
  }

  /** How the store is left now. */
  public String leave() {
    return text(present().leave());
  }

  /** What tells the client that its store accepted it. */
  public String accepted() {
    StoreAnswer last = Objects.requireNonNull(answer, "the store has not answered");
    assertEquals(AttemptOutcome.ACCEPTED, last.outcome());
    assertEquals(List.of(), toStore);
    return text(client.accept(last));
  }

  private StoreDialogue present() {
    return Objects.requireNonNull(store, "nobody logs in");
  }

  private void onClient(List<SessionStep> steps) {
    for (SessionStep step : steps) {
      if (step instanceof SessionStep.Write send) {
        toClient.add(withoutEnd(send.octets()));
      } else if (step instanceof SessionStep.Respond respond) {
        onStore(present().respond(respond.base64()));
      } else if (step instanceof SessionStep.LogIn logIn) {
        assertEquals(Mechanism.Proof.EXCHANGE, logIn.credentials().mechanism().proof());
        store = stores.apply(DialogueFixtures.login(TlsPolicy.OFF, logIn.credentials()));
        greeting.forEach(this::store);
      }
    }
  }

  private void onStore(List<StoreStep> steps) {
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        toStore.add(withoutEnd(send.octets()));
      } else if (step instanceof StoreDialogue.Challenge challenge) {
        onClient(client.challenge(challenge.base64()));
      } else if (step instanceof StoreDialogue.Answered answered) {
        answer = answered.answer();
      }
    }
  }

  private static String withoutEnd(byte[] octets) {
    String line = text(octets);
    assertTrue(line.endsWith("\r\n"), line);
    return line.substring(0, line.length() - 2);
  }

  private List<byte[]> pieces(String line) {
    String whole = line + "\r\n";
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < whole.length(); at += piece) {
      pieces.add(octets(whole.substring(at, Math.min(whole.length(), at + piece))));
    }
    return pieces;
  }
}
