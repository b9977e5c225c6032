package org.openmmp.proxy.session;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;

/**
 * A login's dialogue with a store that ends where the login would begin, so that a probe judges
 * greeting, TLS and capabilities exactly as a login does (rule B2.9).
 */
public final class ProbeTalk implements ProbeDialogue {
  private final StoreTalk talk;

  /**
   * A probe that waits for the greeting.
   *
   * @param learnt told what the store offers
   */
  public ProbeTalk(
      StoreHost host, TlsPolicy tls, StoreCapabilities learnt, StoreTalk.Words.Maker maker) {
    talk =
        new StoreTalk(
            StoreLogin.ofNobody(host, tls),
            learnt,
            (talk, login, octets) -> new UpToLogin(talk, maker.words(talk, login, octets)));
  }

  @Override
  public Step onBytes(byte[] octets) {
    return step(talk.onBytes(octets));
  }

  @Override
  public Step onTls() {
    return step(talk.onTls());
  }

  @Override
  public byte[] leave() {
    return talk.leave();
  }

  private static Step step(List<StoreStep> steps) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    boolean startTls = false;
    End end = null;
    for (StoreStep each : steps) {
      if (each instanceof StoreStep.Send send) {
        octets.writeBytes(send.octets());
      } else if (each instanceof StoreStep.StartTls) {
        startTls = true;
      } else if (each instanceof StoreStep.Answered last) {
        end = new End(outcomeOf(last.answer()), last.answer().reason());
      }
    }
    return new Step(octets.toByteArray(), startTls, end);
  }

  /** A store that refers everybody by its greeting is there. */
  private static AttemptOutcome outcomeOf(StoreAnswer answer) {
    return answer.outcome() == AttemptOutcome.REFERRED ? AttemptOutcome.ACCEPTED : answer.outcome();
  }

  /** The protocol's words, but for the login. */
  private record UpToLogin(StoreTalk talk, StoreTalk.Words words) implements StoreTalk.Words {
    @Override
    public boolean hearNext() {
      return words.hearNext();
    }

    @Override
    public void wasSent() {
      words.wasSent();
    }

    @Override
    public String tlsCommand() {
      return words.tlsCommand();
    }

    @Override
    public void askForTls() {
      words.askForTls();
    }

    @Override
    public void askForOffer() {
      words.askForOffer();
    }

    @Override
    public void logIn(StoreCapabilities.Listing store) {
      talk.fail(AttemptOutcome.ACCEPTED, "greeted");
    }

    @Override
    public String leave() {
      return words.leave();
    }

    @Override
    public byte[] behindLogin(byte[] rest) {
      return rest;
    }
  }
}
