package org.openmmp.storesim.lmtp;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.LmtpCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.lmtp.protocol.XclientCommand;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.lmtp.LmtpTrouble.Point;
import org.openmmp.storesim.session.SessionHandler;
import org.openmmp.storesim.session.SessionPhase;

/** A session: greeting, LHLO, TLS and the like; its transactions are {@link LmtpMail}'s. */
final class LmtpPhase implements SessionPhase<LmtpInput> {
  private final LmtpOutput out;
  private final SessionHandler<LmtpInput> session;
  private final StoreNode node;
  private final ScriptedReplies replies;
  private final LmtpDesk desk;
  private final LmtpMail mail;
  private final LmtpTranscript transcript;
  private final int connection;

  LmtpPhase(
      LmtpEndpoint endpoint,
      LmtpOutput out,
      LmtpInputFramer framer,
      ReadingPace pace,
      SessionHandler<LmtpInput> session) {
    this.out = out;
    this.session = session;
    this.node = session.node();
    this.replies = new ScriptedReplies(endpoint, out, session);
    this.desk = new LmtpDesk(endpoint, node);
    this.transcript = endpoint.transcript(node.name());
    this.connection = transcript.connected();
    MessageReading reading = new MessageReading(framer, pace);
    this.mail = new LmtpMail(desk, out, replies, reading, session, transcript, connection);
  }

  @Override
  public void begin() {
    StoreNode.Target target =
        switch (node.behaviour().referralForm()) {
          case ACCEPTING, GREETING -> desk.refer();
          case REFUSING, NAMING -> null;
        };
    String referral = target == null ? "" : " " + LmtpReferralCode.inGreeting(target);
    if (node.behaviour().fault() == Fault.GREET_BYE) {
      out.say("421 4.3.2 " + node.name() + " takes no connections now");
    } else if (target != null && node.behaviour().referralForm() == ReferralForm.GREETING) {
      out.say("421 4.3.2 " + node.name() + " is no master" + referral);
    } else {
      out.say("220 " + node.name() + " LMTP ready" + referral);
    }
  }

  @Override
  public void onLine(LmtpInput input) {
    switch (input.kind()) {
      case COMMAND -> onCommand(input.octets());
      case MESSAGE -> mail.onMessage(input.octets());
      case END_OF_DATA -> mail.onEndOfMessage();
      case END_OF_CHUNK -> mail.onEndOfChunk();
    }
  }

  private void onCommand(String line) {
    transcript.heard(connection, line);
    LmtpCommand command = LmtpCommand.of(line.getBytes(StandardCharsets.ISO_8859_1));
    switch (command.verb()) {
      case LHLO -> hello(command);
      case MAIL -> mail.begin(line, command);
      case RCPT -> mail.recipient(line, command);
      case DATA -> mail.data();
      case BDAT -> mail.chunk(command);
      case RSET -> replies.answer(command.verb(), "250 2.0.0 Forgotten", mail::reset);
      case NOOP -> replies.answer(command.verb(), "250 2.0.0 Nothing done", () -> {});
      case VRFY -> replies.answer(command.verb(), "252 2.5.2 Send some mail", () -> {});
      case QUIT -> replies.answer(command.verb(), "221 2.0.0 Goodbye", out::close);
      case STARTTLS -> startTls();
      case XCLIENT -> xclient(command);
      case HELP, EXPN, HELO, EHLO, UNKNOWN -> out.say("500 5.5.1 Not a command here");
    }
  }

  private void hello(LmtpCommand command) {
    if (replies.ceases(Point.AT_LHLO, 0)) {
      return;
    }
    if (replies.script().replies().containsKey(LmtpVerb.LHLO) || !command.namesHost()) {
      replies.answer(LmtpVerb.LHLO, "501 5.5.4 Your name, please", mail::greeted);
      return;
    }
    mail.greeted();
    out.say(new LmtpReply(250, "", desk.hello(session.offersTls())));
  }

  private void startTls() {
    if (session.offersTls()) {
      replies.answer(
          LmtpVerb.STARTTLS,
          "220 2.0.0 Begin TLS",
          () -> {
            mail.forgetClient();
            session.startTls();
          });
    } else {
      out.say("503 5.5.1 No STARTTLS now");
    }
  }

  private void xclient(LmtpCommand command) {
    XclientCommand read =
        desk.offers(Extension.XCLIENT) ? XclientCommand.parse(command.argument()).value() : null;
    if (read != null) {
      Map<String, String> fields = new LinkedHashMap<>();
      read.attributes().forEach((k, v) -> fields.put(k.toLowerCase(Locale.ROOT), v));
      replies.answer(
          LmtpVerb.XCLIENT,
          "220 " + node.name() + " LMTP ready for that client",
          () -> {
            node.counters().clientIdSeen(fields);
            mail.forgetClient();
          });
    } else {
      out.say("501 5.5.4 Not like that");
    }
  }
}
