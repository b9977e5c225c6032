package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;

/**
 * Follows an IMAP session after its login: commands and their tagged ends, literals, IDLE (rules
 * B9.1, B9.2).
 *
 * <p>Nothing is kept of what passes but numbers: the tags of the open commands are a sum of hashes.
 * A session that does what is not understood here, or turns its octets into something else
 * (COMPRESS), is followed no further and never safe again.
 */
class ImapSafePoints implements SafePoints {
  /** What a command is called that may carry literals; one of another name is not understood. */
  private static final Set<Long> WITH_LITERALS =
      Set.of(
          ImapLines.word("APPEND"),
          ImapLines.word("SELECT"),
          ImapLines.word("EXAMINE"),
          ImapLines.word("CREATE"),
          ImapLines.word("DELETE"),
          ImapLines.word("RENAME"),
          ImapLines.word("SUBSCRIBE"),
          ImapLines.word("UNSUBSCRIBE"),
          ImapLines.word("LIST"),
          ImapLines.word("LSUB"),
          ImapLines.word("STATUS"),
          ImapLines.word("SEARCH"),
          ImapLines.word("FETCH"),
          ImapLines.word("STORE"),
          ImapLines.word("COPY"),
          ImapLines.word("MOVE"),
          ImapLines.word("UID"),
          ImapLines.word("SORT"),
          ImapLines.word("THREAD"),
          ImapLines.word("ID"),
          ImapLines.word("GETACL"),
          ImapLines.word("SETACL"),
          ImapLines.word("DELETEACL"),
          ImapLines.word("MYRIGHTS"),
          ImapLines.word("LISTRIGHTS"),
          ImapLines.word("GETQUOTA"),
          ImapLines.word("SETQUOTA"),
          ImapLines.word("GETMETADATA"),
          ImapLines.word("SETMETADATA"),
          ImapLines.word("REPLACE"));

  static final long IDLE = ImapLines.word("IDLE");
  private static final long DONE = ImapLines.word("DONE");
  private static final long LOGOUT = ImapLines.word("LOGOUT");

  static final long NOOP = ImapLines.word("NOOP");
  static final long SELECT = ImapLines.word("SELECT");
  static final long EXAMINE = ImapLines.word("EXAMINE");
  static final long CLOSE = ImapLines.word("CLOSE");
  static final long UNSELECT = ImapLines.word("UNSELECT");

  private static final long COMPRESS = ImapLines.word("COMPRESS");
  private static final long STARTTLS = ImapLines.word("STARTTLS");
  private static final long AUTHENTICATE = ImapLines.word("AUTHENTICATE");
  private static final long UNAUTHENTICATE = ImapLines.word("UNAUTHENTICATE");
  static final long OK = ImapLines.word("OK");
  static final long NO = ImapLines.word("NO");
  private static final long BAD = ImapLines.word("BAD");
  static final long BYE = ImapLines.word("BYE");

  /** How far an IDLE has come. */
  enum Idling {
    NOT,
    /** Its {@code +} has not come. */
    ASKED,
    /** The store tells what happens, and the client has not sent DONE. */
    ON,
    /** DONE was sent before the {@code +} came. */
    LEFT_EARLY
  }

  final ImapLines client;
  final ImapLines store;

  /** Commands without their tagged end, and the sum of their tags. */
  int open;

  long openTags;
  Idling idling = Idling.NOT;
  private long idleTag;

  /** Whether the client waits to send a literal that it has announced. */
  boolean awaitsGoAhead;

  /** The one command under way, or DONE; 0 where there is none, or more than one was. */
  private long only;

  @Nullable ImapQuestion question;
  private boolean selected;

  /** Whether the store has said goodbye before the client asked for the end. */
  boolean storeSaysBye;

  boolean leaving;

  /** Whether it has said goodbye since the client asked for the end. */
  private boolean granted;

  boolean lost;

  /** Follows from the login on, and keeps nothing of what passes. */
  ImapSafePoints() {
    this(null, null);
  }

  /** Follows from the login on, and keeps the text of lines there while they are looked at. */
  ImapSafePoints(@Nullable LineText clientText, @Nullable LineText storeText) {
    client =
        new ImapLines(clientText) {
          @Override
          public void sent(ByteBuffer octets) {
            lost |= awaitsGoAhead; // whether these are a literal or commands, only the store knows
            super.sent(octets);
          }

          @Override
          void lineEnded(boolean more) {
            clientLine();
            lost |= awaitsGoAhead && more;
          }

          @Override
          boolean isLost() {
            return lost;
          }
        };
    store =
        new ImapLines(storeText) {
          @Override
          void lineEnded(boolean more) {
            storeLine();
          }

          @Override
          public int heldBack() {
            return heldBackOfStore();
          }

          @Override
          boolean isLost() {
            return lost;
          }
        };
  }

  /** How many of the store's last octets are not to be passed on yet. */
  int heldBackOfStore() {
    return 0;
  }

  /** A command began: its first line, or the part of it in front of a literal, is there. */
  void commandBegan() {}

  /** A command goes on behind a literal, up to its end or the next one. */
  void commandWentOn() {}

  /** An untagged response, or the part of it in front of a literal. */
  void untaggedBegan() {}

  /** An untagged response goes on behind a literal, up to its end or the next one. */
  void untaggedWentOn() {}

  /** A command has its tagged end. */
  void commandEnded() {}

  @Override
  public SafePoints.Direction client() {
    return client;
  }

  @Override
  public SafePoints.Direction store() {
    return store;
  }

  /** The end of a line of the client, or of the part of it in front of a literal. */
  private void clientLine() {
    if (client.isBehindLiteral()) {
      commandWentOn();
    } else if (beginsCommand()) {
      commandBegan();
    } else {
      return;
    }
    long literal = client.literal();
    if (literal == ImapLines.NONE) {
      client.nextLine();
    } else if (literal == ImapLines.UNCLEAR || !WITH_LITERALS.contains(client.secondWord())) {
      lost = true;
    } else if (client.isNonSynchronizing()) {
      client.skip(literal);
    } else {
      awaitsGoAhead = true;
      client.awaitLiteral();
    }
  }

  /** Whether it was a line of a command; that of one which begins here. */
  private boolean beginsCommand() {
    if (idling == Idling.ASKED || idling == Idling.ON) {
      lost = client.onlyWord() != DONE;
      idling = idling == Idling.ON ? Idling.NOT : Idling.LEFT_EARLY;
      only = open == 1 ? DONE : 0;
      client.nextLine();
      return false;
    }
    if (client.secondWord() == 0 || client.tag() == 0) {
      lost = true; // a command without a tag or a name
      return false;
    }
    long name = client.secondWord();
    lost = changesOctets(name) || client.firstOctet() == '+' || client.firstOctet() == '*';
    leaving |= name == LOGOUT;
    selected |= name == SELECT || name == EXAMINE;
    open++;
    openTags += client.tag();
    only = open == 1 ? name : 0;
    if (name == IDLE) {
      lost |= idling != Idling.NOT;
      idling = Idling.ASKED;
      idleTag = client.tag();
    }
    return !lost;
  }

  /** Whether the octets behind that command may be of another kind. */
  private static boolean changesOctets(long name) {
    return name == COMPRESS || name == STARTTLS || name == AUTHENTICATE || name == UNAUTHENTICATE;
  }

  /** Whether nothing that the store says from here on can count for the client. */
  boolean isOver() {
    return false;
  }

  /** The store will not answer our question any more. */
  final void dropQuestion() {
    ImapQuestion dropped = question;
    if (dropped != null) {
      dropped.breakOff();
      question = null;
      open -= dropped.commands();
      openTags -= dropped.commands() * ImapQuestion.TAG_HASH;
    }
  }

  /** Whether the line of that response is text, which may look as if a literal followed. */
  private static boolean isText(long kind) {
    return kind == OK || kind == NO || kind == BAD || kind == BYE;
  }

  /** The end of a line of the store, or of the part of it in front of a literal. */
  private void storeLine() {
    if (isOver()) {
      store.nextLine();
      return;
    }
    if (!store.isBehindLiteral()) {
      if (store.firstOctet() == '+') {
        if (question == null || !question.takesGoAhead()) {
          goAhead();
        }
        store.nextLine();
        return;
      }
      if (store.firstOctet() != '*') {
        if (question == null || !question.takesEnd(store.tag())) {
          tagged();
          if (!lost) {
            commandEnded();
          }
        }
        store.nextLine();
        return;
      }
      untaggedBegan();
      storeSaysBye |= store.secondWord() == BYE && !leaving;
      granted |= store.secondWord() == BYE && leaving;
      if (isOver()) {
        dropQuestion();
      }
    } else {
      untaggedWentOn();
    }
    boolean text = !store.isBehindLiteral() && isText(store.secondWord());
    long literal = text ? ImapLines.NONE : store.literal();
    if (literal == ImapLines.NONE) {
      store.nextLine();
    } else if (literal == ImapLines.UNCLEAR) {
      lost = true;
    } else {
      store.skip(literal);
    }
  }

  /** The store wants the rest of a command. */
  private void goAhead() {
    if (awaitsGoAhead) {
      awaitsGoAhead = false;
      client.skipAnnounced();
    } else if (idling == Idling.ASKED) {
      idling = Idling.ON;
    } else if (idling == Idling.LEFT_EARLY) {
      idling = Idling.NOT;
    } else {
      lost = true;
    }
  }

  /** A command ended. */
  private void tagged() {
    open--;
    openTags -= store.tag();
    lost |= open < 0 || (open == 0 && openTags != 0);
    if (open == 0) {
      selected &= !((only == CLOSE || only == UNSELECT) && store.secondWord() == OK);
      only = 0;
    }
    if (awaitsGoAhead && store.tag() == client.tag()) {
      awaitsGoAhead = false; // its literal is not wanted
      client.nextLine();
    }
    if (idling != Idling.NOT && store.tag() == idleTag) {
      lost |= idling == Idling.LEFT_EARLY; // DONE will be taken for a command
      idling = Idling.NOT;
    }
  }

  @Override
  public boolean safe() {
    return !lost
        && !awaitsGoAhead
        && client.isBetweenLines()
        && (store.isBetweenLines() || keepsLine())
        && (open == commandsOfOurs() || (open == 1 && idling == Idling.ON));
  }

  /** Whether what the store says now is kept from the client, since it may answer our question. */
  final boolean keepsLine() {
    return question != null && question.keepsLine();
  }

  /** How many of the open commands are ours. */
  final int commandsOfOurs() {
    return question == null ? 0 : question.commands();
  }

  @Override
  public byte[] ask() {
    if (!safe() || question != null || leaving) {
      return new byte[0];
    }
    ImapQuestion asked =
        open > 0 ? ImapQuestion.inIdle(store, idleTag) : new ImapQuestion(store, selected);
    question = asked;
    open += asked.commands();
    openTags += asked.commands() * ImapQuestion.TAG_HASH;
    return asked.command();
  }

  @Override
  public byte[] askOn() {
    return question == null ? new byte[0] : question.rest();
  }

  @Override
  public boolean isRefused() {
    return question != null && question.isRefused();
  }

  @Override
  public boolean isAsking() {
    return question != null;
  }

  @Override
  public boolean clientAsks() {
    boolean begins = only == IDLE && idling == Idling.ASKED;
    return !lost && question == null && open == 1 && (only == NOOP || only == DONE || begins);
  }

  @Override
  public ByteBuffer withoutAnswer(ByteBuffer octets) {
    ImapQuestion asked = question;
    if (asked == null) {
      store.sent(octets);
      return octets;
    }
    ByteBuffer rest = asked.withoutAnswer(octets);
    if (asked.isAnswered()) {
      question = null;
    }
    return rest;
  }

  @Override
  public boolean storeLeaves() {
    return storeSaysBye;
  }

  @Override
  public boolean clientMayBeLeaving() {
    return leaving || lost;
  }

  @Override
  public boolean tookLeave() {
    return granted && open == 0 && safe();
  }
}
