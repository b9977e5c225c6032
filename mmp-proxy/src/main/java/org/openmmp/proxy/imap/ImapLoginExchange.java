package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.LoginPieces;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.proxy.session.StoreStep;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.ResponseCode;

/**
 * What a store says from the login command to the end of its answer: continuation requests, the
 * tagged response, and, where that brought no capabilities, the answer to a CAPABILITY of our own
 * (rule B3.3).
 */
final class ImapLoginExchange {
  private static final int MAX_ALERTS = 4;

  private final LoginPieces command;
  private final String loginTag;
  private final String capabilityTag;
  private final List<String> alerts = new ArrayList<>(0);
  private final ByteArrayOutputStream behindLogin = new ByteArrayOutputStream(0);
  private String capabilities = "";
  private @Nullable StoreAnswer accepted;

  /**
   * An exchange that begins.
   *
   * @param capabilityTag the tag to ask for capabilities with, if need be
   */
  ImapLoginExchange(LoginPieces command, String loginTag, String capabilityTag) {
    this.command = command;
    this.loginTag = loginTag;
    this.capabilityTag = capabilityTag;
  }

  /** Takes a response, adds what to send, and gives the answer once it is complete. */
  @Nullable StoreAnswer onResponse(ImapResponse response, List<StoreStep> steps) {
    if (accepted != null) {
      return onLearning(response, accepted);
    }
    if (response.continuation()) {
      String line = response.line();
      return command.onMore(line.substring(Math.min(2, line.length())).getBytes(ISO_8859_1), steps);
    }
    if (response.untagged()) {
      return onUntagged(response);
    }
    return response.tag().equals(loginTag) ? onTagged(response, steps) : null;
  }

  /** What to do with the client's response to the store's question. */
  List<StoreStep> respond(byte[] base64) {
    return command.respond(base64);
  }

  /** Whether the login was accepted, so that every octet from now on is the client's. */
  boolean loggedIn() {
    return accepted != null;
  }

  /**
   * Sends no more, and overwrites what was not sent.
   *
   * @return whether the store would take the next line for a SASL response
   */
  boolean stop() {
    boolean inExchange = accepted == null && command.inExchange();
    command.clear();
    return inExchange;
  }

  /** What came behind the accepted login, for the client: what was read of it, then the rest. */
  byte[] behindLogin(byte[] rest) {
    behindLogin.writeBytes(rest);
    byte[] all = behindLogin.toByteArray();
    behindLogin.reset();
    return all;
  }

  /** Only what may pass reaches the client: capabilities and alerts (B4). */
  private @Nullable StoreAnswer onUntagged(ImapResponse response) {
    return switch (response.word()) {
      case CAPABILITY -> {
        capabilities = response.line();
        yield null;
      }
      case BYE -> ImapLoginAnswers.bye(response, AttemptOutcome.TEMPORARY_FAILURE);
      case OK -> {
        ResponseCode.Split split = ResponseCode.split(response.text());
        if (split.has("ALERT") && !split.has("REFERRAL") && alerts.size() < MAX_ALERTS) {
          alerts.add(response.line());
        }
        yield null;
      }
      case NO, BAD, PREAUTH, OTHER -> null;
    };
  }

  private @Nullable StoreAnswer onTagged(ImapResponse response, List<StoreStep> steps) {
    StoreAnswer answer = ImapLoginAnswers.tagged(response, untagged());
    if (response.word() != ImapResponse.Word.OK
        || !capabilities.isEmpty()
        || ResponseCode.split(response.text()).has("CAPABILITY")) {
      return answer;
    }
    accepted = answer;
    steps.add(new StoreStep.Send((capabilityTag + " CAPABILITY\r\n").getBytes(ISO_8859_1)));
    return null;
  }

  private @Nullable StoreAnswer onLearning(ImapResponse response, StoreAnswer before) {
    if (response.tag().equals(capabilityTag)) {
      return new StoreAnswer(
          before.outcome(), before.referral(), untagged(), before.finalResponse(), before.reason());
    }
    if (response.untagged() && response.word() == ImapResponse.Word.CAPABILITY) {
      capabilities = response.line();
    } else {
      behindLogin.writeBytes((response.line() + "\r\n").getBytes(ISO_8859_1));
    }
    return null;
  }

  private List<String> untagged() {
    List<String> lines = new ArrayList<>(alerts);
    if (!capabilities.isEmpty()) {
      lines.add(capabilities);
    }
    return lines;
  }
}
