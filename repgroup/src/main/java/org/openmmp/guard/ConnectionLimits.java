package org.openmmp.guard;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;

/**
 * How many clients may be connected at once, and how fast one address may log in (rules B6.3 and
 * B6.7).
 *
 * <p>Nobody already connected is harmed: at a limit the newest is turned away. An IPv6 client
 * counts by its /64. Clients of an exempt network count towards the total only.
 */
public final class ConnectionLimits {
  /** Client networks whose login rate is remembered; about 100 octets each. */
  static final int RATE_TABLE_SIZE = 65_536;

  private final AtomicInteger connections = new AtomicInteger();
  private final Runnable connectionEnds = connections::decrementAndGet;
  private final Tally<Network> addresses = new Tally<>();
  private final DoubtfulPlaces<Network> doubtful = new DoubtfulPlaces<>();
  private final DoubtfulPlaces<Boolean> doubtfulOfAll = new DoubtfulPlaces<>();
  private final Tally<String> users = new Tally<>();
  private final BeforeLogin beforeLogin;
  private final Blocks blocks = new Blocks();
  private volatile @Nullable KeyedHash hash;
  private volatile Map<Long, Integer> usersElsewhere = Map.of();
  private volatile Map<Long, Integer> addressesElsewhere = Map.of();
  private volatile List<HeldPlaces> others = List.of();
  private volatile LimitsConfig settings;
  private volatile NetworkSet exempt;
  private volatile @Nullable LoginRate loginRate;

  /** Begins with nobody inside. */
  public ConnectionLimits(LimitsConfig settings) {
    this.settings = settings;
    exempt = settings.exemptNetworks();
    beforeLogin = new BeforeLogin(settings, Runtime.getRuntime().maxMemory());
    loginRate = rateOf(settings);
  }

  /**
   * What users and addresses hold at other front ends counts from now on, as far as it is told.
   *
   * @param key which those have too; null: nothing is shared
   */
  public void share(byte @Nullable [] key) {
    elsewhere(List.of());
    hash = key == null ? null : new KeyedHash(key);
  }

  /** That is what users and addresses hold now at each of the other front ends. */
  public void elsewhere(Collection<HeldPlaces> each) {
    HeldPlaces sum = HeldPlaces.sum(each);
    usersElsewhere = sum.users();
    addressesElsewhere = sum.addresses();
    others = List.copyOf(each);
  }

  /**
   * What others have to know to keep the limits. As long as someone holds so few everywhere that
   * all front ends together are below the limit, nothing; once one tells of him, they all do.
   *
   * @param frontEnds that live, this one included; none is told of if there is only one
   */
  public HeldPlaces held(int frontEnds) {
    KeyedHash by = hash;
    if (by == null || frontEnds < 2) {
      return HeldPlaces.NONE;
    }
    LimitsConfig now = settings;
    return new HeldPlaces(
        users.told(
            leastTold(now.sessionsPerUser(), frontEnds),
            asked(HeldPlaces::users, now.sessionsPerUser(), frontEnds),
            HeldPlaces.MOST,
            by,
            (each, user) -> each.user(user).first()),
        addresses.told(
            leastTold(now.connectionsPerAddress(), frontEnds),
            asked(HeldPlaces::addresses, now.connectionsPerAddress(), frontEnds),
            HeldPlaces.MOST,
            by,
            ConnectionLimits::hashOf));
  }

  /** Who holds less everywhere is below the limit at all of them together. */
  private static int leastTold(int limit, int frontEnds) {
    return limit == 0 ? Integer.MAX_VALUE : (limit - 1) / frontEnds + 1;
  }

  /** Those that another one tells of. */
  private Set<Long> asked(Function<HeldPlaces, Map<Long, Integer>> kind, int limit, int frontEnds) {
    int least = leastTold(limit, frontEnds);
    Set<Long> asked = new HashSet<>();
    for (HeldPlaces each : others) {
      kind.apply(each)
          .forEach(
              (key, count) -> {
                if (count >= least) {
                  asked.add(key);
                }
              });
    }
    return asked;
  }

  private static long hashOf(KeyedHash by, Network network) {
    return by.place(by.user(""), network);
  }

  private int elsewhere(String user) {
    Map<Long, Integer> others = usersElsewhere;
    KeyedHash by = hash;
    return by == null || others.isEmpty() ? 0 : others.getOrDefault(by.user(user).first(), 0);
  }

  private int elsewhere(Network network) {
    Map<Long, Integer> others = addressesElsewhere;
    KeyedHash by = hash;
    return by == null || others.isEmpty() ? 0 : others.getOrDefault(hashOf(by, network), 0);
  }

  private static @Nullable LoginRate rateOf(LimitsConfig settings) {
    int rate = settings.loginsPerSecondPerAddress();
    return rate == 0 ? null : new LoginRate(rate, RATE_TABLE_SIZE);
  }

  /**
   * Has other limits from now on. Who is inside stays, and counts, unless there was no limit when
   * it came; under another rate of logins every address begins anew.
   */
  public void change(LimitsConfig other) {
    NetworkSet otherExempt = other.exemptNetworks();
    if (other.loginsPerSecondPerAddress() != settings.loginsPerSecondPerAddress()) {
      loginRate = rateOf(other);
    }
    beforeLogin.change(other);
    exempt = otherExempt;
    settings = other;
  }

  /**
   * Asks for one more connection, before a byte of it is read, whosever it is. At the limit the
   * place of one who {@linkplain #mayBeGone may be gone} is taken, the oldest first.
   *
   * @return null if there is no place: the newest is turned away (rule B6.7)
   */
  public @Nullable Permit admitConnection() {
    do {
      if (takeConnection()) {
        return new Permit(connectionEnds);
      }
    } while (doubtfulOfAll.free(true));
    return null;
  }

  /**
   * Asks for a client's connection, once it is known whose it is. At the limit the place of one who
   * {@linkplain #mayBeGone may be gone} is taken, the oldest first.
   *
   * @return null if its address has as many connections as it may have
   */
  public @Nullable Permit admitClient(InetAddress client) {
    int limit = settings.connectionsPerAddress();
    if (limit == 0 || exempt.contains(client)) {
      return Permit.NONE;
    }
    Network network = Network.ofClient(client);
    int others = elsewhere(network);
    do {
      if (addresses.take(network, limit, others)) {
        return new Permit(() -> addresses.giveBack(network));
      }
    } while (doubtful.free(network));
    return null;
  }

  /**
   * A client has ended its sending before it was let in: it waits for its answer, or is gone.
   *
   * @param connection what {@link #admitConnection} gave it
   * @param place what {@link #admitClient} gave it
   * @param end ends the client's connection, on whatever thread and perhaps twice, if another one
   *     takes its place
   */
  public void mayBeGone(InetAddress client, Permit connection, Permit place, Runnable end) {
    doubtfulOfAll.add(true, connection, end);
    if (place != Permit.NONE) {
      doubtful.add(Network.ofClient(client), place, end);
    }
  }

  /** That client was let in, or is certainly gone. */
  public void noMoreInDoubt(InetAddress client, Permit connection, Permit place) {
    doubtfulOfAll.remove(true, connection);
    doubtful.remove(Network.ofClient(client), place);
  }

  /**
   * Whether a user may have one session more, of whatever service; asked before a store is, and
   * takes no place: else who only tries passwords would keep the user out.
   *
   * @param login the whole name with its domain; case does not count
   */
  public boolean hasRoomFor(InetAddress client, String login) {
    int limit = settings.sessionsPerUser();
    if (limit == 0 || exempt.contains(client)) {
      return true;
    }
    String user = userOf(login);
    return !users.full(user, limit, elsewhere(user));
  }

  /**
   * Asks for a user's session, of whatever service, once its login was accepted.
   *
   * @param login as for {@link #hasRoomFor}
   * @return null if the user has as many sessions as a user may have
   */
  public @Nullable Permit admitSession(InetAddress client, String login) {
    int limit = settings.sessionsPerUser();
    if (limit == 0 || exempt.contains(client)) {
      return Permit.NONE;
    }
    String user = userOf(login);
    return users.take(user, limit, elsewhere(user)) ? new Permit(() -> users.giveBack(user)) : null;
  }

  private static String userOf(String login) {
    return login.toLowerCase(Locale.ROOT);
  }

  /**
   * The turn of a login within the rate of its address.
   *
   * @param proven whether these very credentials were accepted before ({@link
   *     LoginPenalty.Judgement#proven}): such a login is the next one of its address, so that no
   *     stranger there can keep it out (R12)
   */
  public LoginTurn turnOf(InetAddress client, boolean proven) {
    LoginRate rate = loginRate;
    return rate == null || exempt.contains(client)
        ? LoginTurn.UNLIMITED
        : rate.turn(Network.ofClient(client), proven);
  }

  /** Whom an administrator keeps out. */
  public Blocks blocks() {
    return blocks;
  }

  /** The places and the memory of all clients that have not logged in. */
  public BeforeLogin beforeLogin() {
    return beforeLogin;
  }

  /** Connections inside now. */
  public int connections() {
    return connections.get();
  }

  /** Entries of all tables; what is remembered is bounded (R13). */
  long tableEntries() {
    LoginRate rate = loginRate;
    return (long) addresses.size()
        + doubtful.size()
        + doubtfulOfAll.size()
        + users.size()
        + (rate == null ? 0 : rate.size());
  }

  private boolean takeConnection() {
    int limit = settings.maxConnections();
    int before = connections.get();
    while (limit == 0 || before < limit) {
      if (connections.compareAndSet(before, before + 1)) {
        return true;
      }
      before = connections.get();
    }
    return false;
  }
}
