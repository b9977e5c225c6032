package org.openmmp.proxy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openmmp.admin.MoveMeters;
import org.openmmp.admin.SessionMeters;
import org.openmmp.guard.MinutePace;
import org.openmmp.program.EventLog;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.SessionEnd;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.repgroup.Service;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.wire.LogLine;
import org.openmmp.wire.NetworkSet;
import org.slf4j.event.Level;

/**
 * Counts the sessions of one service, writes one line for each session's start, for each login's
 * end, and for each session's end (rule B8.6), and passes on what was refused. Of a health check's
 * session, which tries no login, nothing is written.
 */
final class SessionLog implements SessionListener {
  private static final String ADMINISTRATOR_UNKNOWN =
      "; name and password, of the group or of proxy-defaults, have to be those of somebody whom"
          + " this store lets in for the user: until then no client that shows a certificate is"
          + " let in there";

  /** Of the line of a login, which is the longest. */
  private static final int LOGIN_CHARS = 400;

  private static final List<SessionState> STATES = Arrays.asList(SessionState.values());

  /** What the time that was spent in each state is called. */
  private static final List<String> SPENT =
      STATES.stream().map(state -> wordOf(state) + "-us").toList();

  private final SessionMeters<LoginFailure, SessionState> meters;
  private final EventLog log;
  private final NetworkSet healthChecks;
  private final RefusalListener refusals;
  private final MinutePace<String> administrators;
  private final MoveMeters<Stranded> moves;

  /**
   * The log of one way in.
   *
   * @param administrators how often a store that refuses the group's administrator, or lacks what
   *     moves need, is told of, which no user can mend (rules B3.10, B9.3)
   * @param moves counts what becomes of sessions that outlive their store
   */
  SessionLog(
      SessionMeters<LoginFailure, SessionState> meters,
      EventLog log,
      NetworkSet healthChecks,
      RefusalListener refusals,
      MinutePace<String> administrators,
      MoveMeters<Stranded> moves) {
    this.moves = moves;
    this.meters = meters;
    this.log = log;
    this.healthChecks = healthChecks;
    this.refusals = refusals;
    this.administrators = administrators;
  }

  @Override
  public void opened(Service service, ClientFacts client) {
    meters.opened();
    if (log.isOn() && !isHealthCheck(client)) {
      log.write(
          of(log.line("session-start"), client)
              .with("service", service.name())
              .with("tls", client.tls() ? "yes" : "no"));
    }
  }

  @Override
  public void loginEnded(LoginReport report) {
    meters.loginEnded(
        report.failure(),
        report.group(),
        report.host(),
        report.hops(),
        report.readOnly(),
        report.spentNanos());
    if (!log.isOn()) {
      return;
    }
    LogLine line =
        log.line("login", LOGIN_CHARS)
            .with("session", report.sessionId())
            .with("client", report.client().clientIp())
            .with("client-port", report.client().clientPort())
            .with("service", report.service().name())
            .with("tls", report.client().tls() ? "yes" : "no")
            .with("user", report.user())
            .with("authcid", report.authcid())
            .with("result", report.failure() == null ? "accepted" : wordOf(report.failure()))
            .with("group", report.group())
            .with("host", report.host())
            .with("attempts", report.attempts())
            .with("hops", report.hops())
            .with("read-only", report.readOnly() ? "yes" : "")
            .with("hedge", report.hedge() == null ? "" : wordOf(report.hedge()))
            .with("why", report.why());
    log.write(line.with(STATES, SPENT, report.spentNanos()));
  }

  @Override
  public void refused(ClientFacts client, boolean clearPassword, String detail) {
    refusals.refused(
        clearPassword ? Refusal.PASSWORD_IN_CLEAR : Refusal.BAD_COMMAND,
        addressOf(client),
        client.clientPort(),
        detail);
  }

  @Override
  public void administratorRefused(Service service, LoginAttempt at, String user, String reason) {
    String store = at.group().name() + ' ' + at.host().name();
    long times = administrators.timesToTell(store, now());
    if (times > 0) {
      log.write(
          Level.ERROR,
          log.line(Level.ERROR, "administrator-refused")
              .with("service", service.name())
              .with("group", at.group().name())
              .with("host", at.host().name())
              .with("setting", "imapadmin, imapadminpass")
              .with("user", user)
              .with("times", times)
              .with("why", reason + ADMINISTRATOR_UNKNOWN));
    }
  }

  @Override
  public void lacks(Service service, LoginAttempt at, String lacking) {
    String host = at.host().name();
    long times = administrators.timesToTell("lacks " + at.group().name() + ' ' + host, now());
    if (times > 0) {
      log.write(
          Level.WARN,
          log.line(Level.WARN, "survival-lacking")
              .with("service", service.name())
              .with("group", at.group().name())
              .with("host", host)
              .with("lacks", lacking)
              .with("times", times)
              .with(
                  "why",
                  lacking.contains("QRESYNC")
                      ? "no session that has selected a mailbox can be moved there, and"
                          + " survive-failover is on"
                      : "a move reads the number of each message there, and survive-failover is"
                          + " on"));
    }
  }

  private static long now() {
    return System.nanoTime();
  }

  @Override
  public void moved(LoginReport from, LoginReport to, long tookNanos) {
    meters.moved(from.group(), from.host(), to.group(), to.host());
    moves.moved(tookNanos);
    if (log.isOn()) {
      log.write(
          of(log.line("session-moved"), to.client())
              .with("service", to.service().name())
              .with("user", to.user())
              .with("group", to.group())
              .with("from", from.host())
              .with("host", to.host())
              .with("took-ms", TimeUnit.NANOSECONDS.toMillis(tookNanos)));
    }
  }

  @Override
  public void stranded(LoginReport at, Stranded why, boolean stays) {
    moves.stranded(why, stays);
    if (log.isOn()) {
      log.write(
          of(log.line("session-stranded"), at.client())
              .with("service", at.service().name())
              .with("user", at.user())
              .with("group", at.group())
              .with("host", at.host())
              .with("stays", stays ? "yes" : "no")
              .with("why", why.cause()));
    }
  }

  @Override
  public void closed(SessionEnd end) {
    LoginReport login = end.login();
    meters.closed(
        login == null ? null : login.group(),
        login == null ? "" : login.host(),
        end.reason(),
        end.bytesFromClient(),
        end.bytesToClient());
    if (!log.isOn() || (end.logins() == 0 && isHealthCheck(end.client()))) {
      return;
    }
    LogLine line = of(log.line("session-end"), end.client()).with("service", end.service().name());
    if (login != null) {
      line.with("user", login.user())
          .with("group", login.group())
          .with("host", login.host())
          .with("hops", login.hops());
    }
    log.write(
        line.with("from-client", end.bytesFromClient())
            .with("to-client", end.bytesToClient())
            .with("seconds", TimeUnit.NANOSECONDS.toSeconds(end.durationNanos()))
            .with("reason", end.reason()));
  }

  private static LogLine of(LogLine line, ClientFacts client) {
    return line.with("session", client.sessionId())
        .with("client", client.clientIp())
        .with("client-port", client.clientPort());
  }

  private boolean isHealthCheck(ClientFacts client) {
    return !healthChecks.networks().isEmpty() && healthChecks.contains(addressOf(client));
  }

  private static InetAddress addressOf(ClientFacts client) {
    return Objects.requireNonNull(AddressLiteral.parse(client.clientIp()), "facts hold addresses");
  }

  private static String wordOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
