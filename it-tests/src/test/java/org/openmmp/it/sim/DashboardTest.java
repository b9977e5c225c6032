package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigUtil;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Browser;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;

/** Rule B8.3: the dashboard, as a browser shows it and a keyboard drives it. */
@Tag("real-servers")
final class DashboardTest {
  private static final String LOOK = "Token-of-who-looks-7Lk";
  private static final String ACT = "Token-of-who-acts-4Ac";
  private static final String LIVE = "document.getElementById('link').dataset.state === 'live'";
  private static final String MASTER = "document.querySelector('.host.master h4')?.firstChild.data";

  private static Browser browser;

  @BeforeAll
  static void start() {
    browser = Browser.start(DashboardTest.class);
  }

  @AfterAll
  static void stop() {
    browser.close();
  }

  private static SitePlan plan() {
    return SitePlan.replicated()
        .with("admin.tokens = [{ name = operator, role = act, token = \"" + ACT + "\" }]");
  }

  /** A host by the name that the configuration gives it. */
  private static String host(SimSite site, String node) {
    return site.cluster().node(node).hostName();
  }

  private static String isMaster(SimSite site, String node) {
    return MASTER + " === '" + host(site, node) + "'";
  }

  private static URI address(SimSite site) {
    return URI.create("http://127.0.0.1:" + site.proxy().adminPort() + "/");
  }

  private static Browser.Tab look(SimSite site) {
    Browser.Tab tab = browser.open(address(site));
    tab.await(LIVE);
    tab.await("document.querySelectorAll('.lane').length > 0");
    return tab;
  }

  /** Nothing was said on the console, and nobody else was asked for anything. */
  private static void assertQuiet(Browser.Tab tab, SimSite site) {
    assertEquals(List.of(), tab.complaints());
    for (String request : tab.requests()) {
      assertTrue(request.startsWith(address(site).toString()) || request.equals("data:,"), request);
    }
  }

  private static void assertNoSidewaysScrolling(Browser.Tab tab, int width) {
    int wide = Integer.parseInt(tab.eval("document.documentElement.scrollWidth"));
    assertTrue(wide <= width, wide + " wide in a window of " + width);
  }

  @Test
  void changeOfTheMasterShowsWithinTwoSeconds() {
    try (SimSite site = plan().start();
        Browser.Tab tab = look(site)) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      tab.await(isMaster(site, "huey"));
      tab.eval(
          "(new MutationObserver(() => { if (!window.seen && "
              + isMaster(site, "dewey")
              + ") window.seen = Date.now(); }).observe(document.getElementById('groups'), {"
              + " childList: true, subtree: true }), 1)");
      site.cluster().kill("huey");
      site.cluster().elect();
      assertTrue(site.accepts(alice));
      long changed = System.currentTimeMillis();
      tab.await("window.seen > 0");
      long shownAfter = Long.parseLong(tab.eval("window.seen")) - changed;
      assertTrue(shownAfter <= 2_000, shownAfter + " ms");
      tab.await(
          "document.getElementById('events').textContent.includes('moved from %s to %s')"
              .formatted(host(site, "huey"), host(site, "dewey")));
      tab.await(
          "document.querySelector('[data-host=\"%s\"]').classList.contains('out')"
              .formatted(host(site, "huey")));
      tab.await("!document.getElementById('trouble').hidden");
      tab.picture("trouble");
      tab.prefer("dark");
      tab.picture("trouble-dark");
      assertQuiet(tab, site);
    }
  }

  @Test
  void loginNameIsExplainedAndItsSessionsEndedByKeyboardAlone() { // B8.4, B8.5
    try (SimSite site = plan().start();
        Browser.Tab tab = look(site);
        ImapConnection session = site.connect()) {
      MailUser amy = site.user("amy");
      assertTrue(session.login(amy).tagged().contains("OK"), site::log);
      tab.press("/");
      assertEquals("user", tab.eval("document.activeElement.id"));
      tab.type("amy@example.com");
      tab.press("Enter");
      tab.await("document.getElementById('explain').open");
      tab.await("document.getElementById('explain-body').textContent.includes('cluster1')");
      tab.await("document.getElementById('explain-body').textContent.includes('1 session')");
      tab.picture("explain");
      tab.tabUntil("document.activeElement.dataset.action === 'kick'");
      tab.press("Enter");
      tab.await("document.getElementById('ask').open");
      tab.type(ACT);
      tab.press("Enter");
      tab.await("document.getElementById('ask-result').className === 'good'");
      assertTrue(session.line().startsWith("* BYE"));
      tab.press("Escape");
      tab.await("!document.getElementById('ask').open");
      tab.press("Escape");
      tab.await("!document.getElementById('explain').open");
      assertQuiet(tab, site);
    }
  }

  @Test
  void groupIsFailedBackByKeyboardAlone() { // B8.7
    try (SimSite site = plan().start();
        Browser.Tab tab = look(site);
        ImapConnection session = site.connect()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      assertTrue(session.login(alice).tagged().contains("OK"), site::log);
      tab.await(isMaster(site, "dewey"));
      tab.await(
          "document.querySelector('[data-sessions=\"%s\"]').textContent === '1 session'"
              .formatted(host(site, "dewey")));
      tab.picture("desktop-light");
      tab.prefer("dark");
      tab.picture("desktop-dark");
      tab.tabUntil("document.activeElement.dataset.action === 'failback'");
      tab.press("Enter");
      tab.await("document.getElementById('ask').open");
      tab.picture("ask");
      assertEquals("ask-token", tab.eval("document.activeElement.id"));
      tab.type("Token-of-a-stranger-9St");
      tab.press("Enter");
      tab.await("document.getElementById('ask-result').className === 'bad'");
      assertEquals("dewey", site.affinity("cluster1"));
      tab.tabUntil("document.activeElement.id === 'ask-token'");
      tab.type(ACT);
      tab.press("Enter");
      tab.await("document.getElementById('ask-result').className === 'good'");
      assertEquals("", site.affinity("cluster1"));
      tab.press("Escape");
      tab.await("!document.getElementById('ask').open");
      tab.await(MASTER + " === undefined");
      tab.await("document.getElementById('events').textContent.includes('failback of')");
      assertTrue(tab.complaints().stream().allMatch(each -> each.contains("401")));
    }
  }

  @Test
  @SuppressWarnings("try") // the client leaves before its test ends
  void hostIsDrainedFromItsButtonToItsEnd() { // B2.26
    try (SimSite site = plan().with("drain { limit = 50s, spread = 1s }").start();
        Browser.Tab tab = look(site);
        ImapConnection session = site.connect()) {
      String card = "document.querySelector('[data-host=\"%s\"]')".formatted(host(site, "huey"));
      assertTrue(session.login(site.user("alice")).tagged().contains("OK"), site::log);
      tab.await(isMaster(site, "huey"));
      tab.tabUntil(
          "document.activeElement.dataset.action === 'drain' && %s.contains(document.activeElement)"
              .formatted(card));
      tab.press("Enter");
      tab.await("document.getElementById('ask').open");
      tab.type(ACT);
      tab.press("Enter");
      tab.await("document.getElementById('ask-result').className === 'good'");
      tab.press("Escape");
      tab.await(card + ".querySelector('progress') !== null");
      tab.picture("drain");
      site.cluster().makeMaster("dewey");
      assertTrue(site.accepts(site.user("bob")));
      assertTrue(session.line().startsWith("* BYE"));
      session.close();
      tab.await(card + ".querySelector('.drain').textContent === 'empty'");
      tab.await(card + ".querySelector('.badge').textContent === 'drained'");
      tab.await(happened("drain of host=" + host(site, "huey") + " by operator"));
      tab.await(happened("no session is left at " + host(site, "huey")));
      tab.picture("drained");
      tab.tabUntil(
          "document.activeElement.dataset.action === 'undrain' && %s.contains(document.activeElement)"
              .formatted(card));
      tab.press("Enter");
      tab.await("document.getElementById('ask').open");
      tab.tabUntil("document.activeElement.id === 'ask-yes'");
      tab.press("Enter");
      tab.await("document.getElementById('ask-result').className === 'good'");
      tab.press("Escape");
      tab.await(card + ".querySelector('.drain') === null");
      tab.await(happened("undrain of host=" + host(site, "huey")));
      assertQuiet(tab, site);
    }
  }

  private static String happened(String words) {
    return "document.getElementById('events').textContent.includes('" + words + "')";
  }

  @Test
  void whatAdministratorsDoAndReferralsAreOnTheTimeLine() { // B8.3
    try (SimSite site = plan().start();
        Browser.Tab tab = look(site)) {
      String louie = host(site, "louie");
      site.operate(0, "prefer " + louie);
      tab.await(
          "document.querySelector('[data-host=\"%s\"] .badge')?.textContent === 'preferred'"
              .formatted(louie));
      tab.picture("preferred");
      for (int i = 0; i < 3; i++) {
        assertTrue(site.accepts(site.user("user" + i)));
        site.operate(0, "prefer " + louie);
      }
      tab.await(happened(" referred "));
      assertTrue(
          Integer.parseInt(
                  tab.eval(
                      "document.getElementById('events').textContent.split(' referred ').length"))
              <= 4);
      site.operate(0, "failback cluster1");
      tab.await("document.querySelector('[data-host=\"%s\"] .badge') === null".formatted(louie));
      site.operate(0, "retire " + louie);
      site.operate(0, "block 192.0.2.0/24");
      site.openmmp("kick", "--network", "192.0.2.0/24", "--yes");
      for (String words :
          List.of(
              "prefer of host=" + louie, "failback of ", "retire of ", "block of ", "kick of ")) {
        tab.await(happened(words));
      }
      tab.await(happened("no session is left at " + louie));
      tab.picture("time-line");
      assertQuiet(tab, site);
    }
  }

  @Test
  void tokenIsAskedForAndKeptInItsTabAlone() { // B8.7
    try (SimSite site = plan().with("admin.token = \"" + LOOK + "\"").start();
        Browser.Tab tab = browser.open(address(site))) {
      tab.await("document.getElementById('ask').open");
      tab.picture("token");
      tab.press("Escape");
      tab.await("!document.getElementById('ask').open");
      assertEquals("a token is needed", tab.eval("document.getElementById('link').textContent"));
      tab.tabUntil("document.activeElement.id === 'token-button'");
      tab.press("Enter");
      tab.type(LOOK);
      tab.press("Enter");
      tab.await(LIVE);
      tab.await("document.querySelectorAll('.lane').length > 0");
      assertEquals("1", tab.eval("sessionStorage.length"));
      assertEquals("0", tab.eval("localStorage.length"));
      assertEquals("", tab.eval("document.cookie"));
      assertTrue(tab.requests().stream().noneMatch(each -> each.contains(LOOK)));
      assertTrue(tab.complaints().stream().allMatch(each -> each.contains("401")));
      try (Browser.Tab other = browser.open(address(site))) {
        other.await("document.getElementById('ask').open");
      }
    }
  }

  @Test
  void twoHundredGroupsAndAPhone() {
    SitePlan plan = plan();
    for (int i = 100; i < 300; i++) {
      plan.with(
          "proxy.\"group%d.mail.example.com\".storehostlist = \"a%d.store.example.com b%d.store.example.com c%d.store.example.com\""
              .formatted(i, i, i, i));
    }
    try (SimSite site = plan.start();
        Browser.Tab tab = look(site)) {
      assertTrue(site.accepts(site.user("alice")));
      tab.await("document.querySelectorAll('.lane').length === 201");
      assertEquals("603", tab.eval("document.querySelectorAll('.host').length"));
      tab.picture("groups-200");
      assertNoSidewaysScrolling(tab, 1280);
      tab.resize(360, 740, true);
      assertNoSidewaysScrolling(tab, 360);
      tab.picture("phone");
      tab.eval("window.scrollTo(0, 650)");
      tab.picture("phone-groups");
      tab.tabUntil("document.activeElement.id === 'filter'");
      tab.type("b217.store");
      tab.await(
          "[...document.querySelectorAll('.lane')].filter((each) => !each.hidden).length === 1");
      assertEquals(
          "1 of 201 groups", tab.eval("document.getElementById('group-count').textContent"));
      tab.prefer("dark");
      tab.picture("phone-dark");
      assertQuiet(tab, site);
    }
  }

  @Test
  void textFullOfMarkupIsShownAsText() { // B8.6
    String evil =
        "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>\u202eamy";
    try (SimSite site = plan().start();
        Browser.Tab tab = look(site)) {
      tab.press("/");
      tab.type(evil);
      tab.press("Enter");
      tab.await("document.getElementById('explain').open");
      tab.await("document.querySelector('#explain-body pre, #explain-body .bad') !== null");
      String shown = tab.eval("document.getElementById('explain').textContent");
      assertTrue(shown.contains("<img src=x onerror="), shown);
      assertTrue(shown.indexOf('\u202e') < 0, shown);
      assertEquals(
          "0", tab.eval("document.querySelectorAll('#explain img, #explain script').length"));
      tab.press("Escape");
      // The same from the feed, as if a store, a directory and a certificate had said so.
      tab.eval(
          "((text) => { heard.happened({ id: 1e9, at: Date.now(), grade: 'bad', text });"
              + " heard.directory([{ server: text, state: 'aside', since: 1, lastTrouble: text }]);"
              + " heard.certificates([{ name: text, until: 1 }]); heard.groups({ full: false,"
              + " groups: [{ group: text, implicit: false, services: { imap: { master: text, since:"
              + " 1, why: text, failsOver: true, waiting: 0 } }, hosts: [{ host: text, duty:"
              + " 'in-use', standbySite: false, services: { imap: { state: 'cooling', failures: 2,"
              + " lastOutcome: 'unreachable', lastReason: text } } }], differences: { imap: {"
              + " greeting: text } } }] }); })("
              + ConfigUtil.quoteString(evil)
              + ")");
      tab.picture("markup");
      assertEquals("0", tab.eval("document.querySelectorAll('main img, main script').length"));
      assertEquals("undefined", tab.eval("window.broken"));
      assertEquals("-1", tab.eval("document.body.innerText.indexOf('\\u202e')"));
      assertNoSidewaysScrolling(tab, 1280);
      // The name with U+202E is refused, and the browser notes that.
      assertTrue(tab.complaints().stream().allMatch(each -> each.contains("400")));
    }
  }

  @Test
  void frontEndThatIsGoneIsTold() {
    SimSite site = plan().start();
    try (Browser.Tab tab = look(site)) {
      site.close();
      tab.await("document.getElementById('link').dataset.state === 'lost'");
      tab.picture("lost");
      assertEquals(
          "connection lost, trying again", tab.eval("document.getElementById('link').textContent"));
    }
  }
}
