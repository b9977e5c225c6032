package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;

/**
 * Asks the store of a session how new the selected mailbox is, on a connection of its own: some
 * count that only from the first such question on.
 *
 * <p>The answer is the session's if the client was told of no change between question and answer,
 * of no new mail since SELECT, and of as many messages as there are.
 */
final class ImapPriming implements SessionMove {
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int MOST_OCTETS = 256 * 1024;
  private static final String TAG = "P1";

  private static final String FIRST_TAG = "P0";

  private final ImapSelection mailbox;
  private final String dialect;
  private final ImapLook look = new ImapLook(LONGEST_LINE);
  private long gone;
  private boolean examines;
  private boolean ended;

  /**
   * Is about that mailbox.
   *
   * @param dialect the extensions in which it has its name, with spaces between
   */
  ImapPriming(ImapSelection mailbox, String dialect) {
    this.mailbox = mailbox;
    this.dialect = dialect;
  }

  @Override
  public List<MoveStep> begin() {
    return List.of(new MoveStep.Need(MoveStep.Line.SIDE));
  }

  @Override
  public List<MoveStep> loggedIn(MoveStep.Line line, String capabilities, byte[] leftOver) {
    look.offers = new ImapCapabilities(capabilities);
    List<MoveStep> steps = new ArrayList<>();
    steps.add(dialect.isEmpty() ? examine(line) : switchOn(line));
    steps.addAll(received(line, leftOver));
    return steps;
  }

  private MoveStep switchOn(MoveStep.Line line) {
    return new MoveStep.Send(
        line, (FIRST_TAG + " ENABLE " + dialect + "\r\n").getBytes(ISO_8859_1));
  }

  private MoveStep examine(MoveStep.Line line) {
    examines = true;
    look.begin();
    gone = mailbox.gone();
    look.pieces.addAll(
        ImapStoreCommands.aboutMailbox(
            TAG + " EXAMINE", mailbox.name, " (CONDSTORE)", look.offers));
    return new MoveStep.Send(line, look.pieces.remove());
  }

  @Override
  public List<MoveStep> received(MoveStep.Line line, byte[] more) {
    look.octets += more.length;
    look.lines.add(more);
    while (!ended) {
      byte[] response = look.lines.line();
      if (response == null) {
        return look.octets > MOST_OCTETS || look.lines.tooLong() ? end() : List.of();
      }
      String text = new String(response, ISO_8859_1);
      if (text.startsWith("+") && !look.pieces.isEmpty()) {
        return List.of(new MoveStep.Send(line, look.pieces.remove()));
      }
      if (text.startsWith(FIRST_TAG + " OK") && !examines) {
        return List.of(examine(line));
      }
      if (text.startsWith(TAG + " OK")) {
        learn();
        return end();
      }
      ImapLook.Heard heard = look.hear(response);
      if (heard == ImapLook.Heard.STRANGE || heard == ImapLook.Heard.GOODBYE) {
        return end();
      }
    }
    return List.of();
  }

  private void learn() {
    if (look.uidValidity == mailbox.uidValidity
        && look.uidNext == mailbox.uidNext
        && look.modseq > 0
        && look.exists == mailbox.exists()
        && mailbox.places() == mailbox.atSelect()
        && mailbox.gone() == gone
        && mailbox.modseq == 0) {
      mailbox.primed(look.modseq);
    }
  }

  private List<MoveStep> end() {
    ended = true;
    return List.of(
        new MoveStep.Leave(MoveStep.Line.SIDE, "P2 LOGOUT\r\n".getBytes(ISO_8859_1)),
        MoveStep.Simple.PRIMED);
  }

  @Override
  public List<MoveStep> lost(MoveStep.Line line) {
    if (ended) {
      return List.of();
    }
    ended = true;
    return List.of(MoveStep.Simple.PRIMED);
  }

  @Override
  public List<MoveStep> clientSent(byte[] sent) {
    return List.of();
  }

  @Override
  public boolean waiting() {
    return false;
  }

  @Override
  public @Nullable Stranded staysBecause() {
    return null;
  }
}
