package org.openmmp.program;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.repgroup.ProbeTarget;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreLink;
import org.openmmp.transport.StoreProbe;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTls;
import org.openmmp.wire.Secret;

/**
 * Asks the stores that logins and deliveries wait for whether they greet again, so that no login
 * has to find out (rule B2.9).
 *
 * <p>One prober for each service's port at each host, whichever groups list it. Where these groups
 * want different TLS, their ways of asking take turns. All of it runs on one event loop.
 */
final class StoreProber {
  /** However often somebody begins to wait, rounds do not begin more often. */
  private static final long SHORTEST_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final EventLoop loop;
  private final StoreConnector connector;
  private final Function<StoreAccess, StoreTls> tls;
  private final StoreSelector selector;
  private final SelectionListener listener;
  private final Map<Service, Supplier<Routing>> routing = new ConcurrentHashMap<>();

  /** How the stores of each service that is served are asked. */
  private final Map<Service, ProbeWords> words = new ConcurrentHashMap<>();

  private final AtomicBoolean roundAsked = new AtomicBoolean();

  /** By service, the groups in which somebody waits, or did not long ago. */
  private final Map<Service, Set<ReplicationGroup>> asking = new ConcurrentHashMap<>();

  private final ProbePlan<ProbePlace> plan = new ProbePlan<>();
  private final Map<ProbePlace, Integer> turns = new HashMap<>();
  private long lastRoundNanos = System.nanoTime() - SHORTEST_ROUND_NANOS;
  private @Nullable Future<?> nextRound;
  private volatile List<ProbePlan.Turn<ProbePlace>> told = List.of();
  private volatile Runnable begun = () -> {};

  /**
   * A prober that knows no service yet.
   *
   * @param tls to stores that are reached so, as it is now
   * @param selector says who is waited for, and hears what they answer
   * @param listener hears of each probe
   */
  StoreProber(
      EventLoop loop,
      StoreConnector connector,
      Function<StoreAccess, StoreTls> tls,
      StoreSelector selector,
      SelectionListener listener) {
    this.loop = loop;
    this.connector = connector;
    this.tls = tls;
    this.selector = selector;
    this.listener = listener;
  }

  /**
   * Asks the stores of that service from now on.
   *
   * @param present how they are reached
   * @param asking in which words
   */
  void serve(Service service, Supplier<Routing> present, ProbeWords asking) {
    routing.put(service, present);
    words.put(service, asking);
  }

  /**
   * Asks a host for its greeting once, for an administrator; no login hears of it.
   *
   * @return nothing if stores of that service are not asked by this process
   */
  CompletionStage<Optional<ProbeDialogue.End>> ask(ProbeTarget target) {
    return begin(StoreLink.Purpose.PROBE, target, "", Secret.none(), false, step -> {});
  }

  /**
   * Tries a login, or a recipient, at a host once, for an administrator; no login hears of it.
   *
   * @param name as the store knows it
   * @param password empty where the service asks for none
   * @param progress hears of each step, in a word or two
   * @return nothing if stores of that service are not asked by this process
   */
  CompletionStage<Optional<ProbeDialogue.End>> tryLogin(
      ProbeTarget target, String name, Secret password, Consumer<String> progress) {
    return begin(StoreLink.Purpose.LOGIN, target, name, password, false, progress);
  }

  /**
   * Has the group's administrator log in there for that user, as when a session is moved.
   *
   * @return empty if nobody moves sessions there: the group has them end with their store
   */
  CompletionStage<Optional<ProbeDialogue.End>> tryAdministrator(ProbeTarget target, String name) {
    StoreAccess access = accessTo(target.service(), target.group());
    return access.survival().on() && !access.adminName().isEmpty()
        ? begin(StoreLink.Purpose.LOGIN, target, name, Secret.none(), true, reached -> {})
        : CompletableFuture.completedFuture(Optional.empty());
  }

  private CompletionStage<Optional<ProbeDialogue.End>> begin(
      StoreLink.Purpose purpose,
      ProbeTarget target,
      String name,
      Secret password,
      boolean asAdministrator,
      Consumer<String> progress) {
    ProbeWords by = words.get(target.service());
    if (by == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    StoreAccess access = accessTo(target.service(), target.group());
    CompletableFuture<Optional<ProbeDialogue.End>> answer = new CompletableFuture<>();
    loop.execute(
        () ->
            StoreProbe.begin(
                connector,
                loop,
                purpose,
                target(target, access),
                by.dialogue(target.host(), target.group(), access, name, password, asAdministrator),
                purpose == StoreLink.Purpose.LOGIN
                    ? access.answerTimeout()
                    : access.greetingTimeout(),
                progress,
                end -> answer.complete(Optional.of(end))));
    return answer;
  }

  /** Somebody waits for a store's greeting; on any thread, and as often as it happens. */
  void somebodyWaits(ReplicationGroup group, Service service) {
    asking.computeIfAbsent(service, first -> ConcurrentHashMap.newKeySet()).add(group);
    if (roundAsked.compareAndSet(false, true) && !loop.isShuttingDown()) {
      loop.execute(this::beginSoon);
    }
  }

  private void beginSoon() {
    roundAsked.set(false);
    beginAt(Math.max(0, lastRoundNanos + SHORTEST_ROUND_NANOS - System.nanoTime()));
  }

  private void beginAt(long delayNanos) {
    if (nextRound != null) {
      nextRound.cancel(false);
    }
    nextRound = loop.schedule(this::round, delayNanos, TimeUnit.NANOSECONDS);
  }

  private void round() {
    long now = System.nanoTime();
    lastRoundNanos = now;
    Map<ProbePlace, Map<List<?>, List<ProbeTarget>>> wanted = wanted(now);
    Set<ProbePlace> unhurried = new HashSet<>(wanted.keySet());
    unhurried.removeIf(place -> isHurried(wanted.getOrDefault(place, Map.of()), now));
    turns.keySet().retainAll(wanted.keySet());
    double random = ThreadLocalRandom.current().nextDouble();
    List<ProbePlace> due = plan.begin(wanted.keySet(), unhurried, asked(wanted, now), now, random);
    for (ProbePlace place : due) {
      probe(place, wanted.getOrDefault(place, Map.of()));
    }
    told = plan.told();
    if (!due.isEmpty()) {
      begun.run();
    }
    goOn(now);
  }

  private void goOn(long now) {
    OptionalLong next = plan.nextNanos(now);
    if (next.isPresent()) {
      beginAt(next.getAsLong() - now);
    }
  }

  /** What others of the site say asks for a probe. */
  private Map<ProbePlace, Long> asked(
      Map<ProbePlace, Map<List<?>, List<ProbeTarget>>> wanted, long now) {
    Map<ProbePlace, Long> asked = new HashMap<>();
    wanted.forEach(
        (place, ways) ->
            ways.values().stream()
                .flatMap(List::stream)
                .forEach(
                    target ->
                        selector
                            .askedToProbe(target, now)
                            .ifPresent(heard -> asked.put(place, heard))));
    return asked;
  }

  /**
   * Which places this front end probes, for the others of its site: one of them does at a time
   * (rule B10.8). On any thread.
   */
  List<ProbePlan.Turn<ProbePlace>> turns() {
    return told;
  }

  /** That one is told whenever a probe begins. */
  void onBegin(Runnable told) {
    begun = told;
  }

  /**
   * Others of the site probe these places; on any thread.
   *
   * @param own this front end among them
   */
  void share(long own, Map<Long, List<ProbePlan.Turn<ProbePlace>>> others) {
    if (!loop.isShuttingDown()) {
      loop.execute(
          () -> {
            plan.heard(own, others, System.nanoTime());
            if (nextRound != null) {
              goOn(System.nanoTime());
            }
          });
    }
  }

  /** Whether somebody waits for it in one of the groups that want it. */
  private boolean isHurried(Map<List<?>, List<ProbeTarget>> ways, long now) {
    return ways.values().stream()
        .flatMap(List::stream)
        .anyMatch(each -> !selector.probesUnhurried(each.group(), each.service(), now));
  }

  /** What is to be asked, by the ways in which the groups want that to be done. */
  private Map<ProbePlace, Map<List<?>, List<ProbeTarget>>> wanted(long now) {
    Map<ProbePlace, Map<List<?>, List<ProbeTarget>>> all = new LinkedHashMap<>();
    asking.forEach(
        (service, groups) -> {
          for (ReplicationGroup group : List.copyOf(groups)) {
            groups.remove(group); // before it is looked at: who asks meanwhile is not overlooked
            List<ProbeTarget> targets = selector.wantedProbes(group, service, now);
            if (!targets.isEmpty()) {
              groups.add(group);
            }
            targets.forEach(target -> add(target, all));
          }
        });
    return all;
  }

  private StoreAccess accessTo(Service service, ReplicationGroup group) {
    Supplier<Routing> present = routing.get(service);
    return Objects.requireNonNull(present, "only served ones are asked").get().accessTo(group);
  }

  private void add(ProbeTarget target, Map<ProbePlace, Map<List<?>, List<ProbeTarget>>> all) {
    if (words.containsKey(target.service())) {
      StoreAccess access = accessTo(target.service(), target.group());
      ProbePlace place = new ProbePlace(target.service(), target.host(), access.port());
      List<?> way = List.of(access.tls(), access.trust(), access.clientId());
      all.computeIfAbsent(place, each -> new LinkedHashMap<>())
          .computeIfAbsent(way, each -> new ArrayList<>())
          .add(target);
    }
  }

  /** Asks in the way whose turn it is. */
  private void probe(ProbePlace place, Map<List<?>, List<ProbeTarget>> ways) {
    List<List<ProbeTarget>> each = List.copyOf(ways.values());
    List<ProbeTarget> asking = each.get(turns.merge(place, 1, Integer::sum) % each.size());
    List<ProbeTarget> all = each.stream().flatMap(List::stream).toList();
    ProbeTarget first = asking.get(0);
    ProbeWords by =
        Objects.requireNonNull(words.get(place.service()), "only served ones are wanted");
    StoreAccess access = accessTo(place.service(), first.group());
    long began = System.nanoTime();
    StoreProbe.begin(
        connector,
        loop,
        target(first, access),
        by.dialogue(place.host(), first.group(), access, "", Secret.none(), false),
        access.greetingTimeout(),
        end -> {
          plan.ended(place);
          // Who cannot be connected to cannot be asked in any way.
          tell(end.outcome().nobodyAnswered() ? all : asking, end, began);
          beginSoon();
        });
  }

  private StoreTarget target(ProbeTarget target, StoreAccess access) {
    return StoreTarget.of(
        target.host(),
        access,
        tls.apply(access),
        isStranger(target),
        () -> StoreTarget.Announcement.OURSELVES);
  }

  /** A host that only a referral names may have no address that no referral may lead to (R2). */
  private boolean isStranger(ProbeTarget target) {
    return target.group().implicit() && !connector.knows(target.host().name());
  }

  /** The services whose stores are asked by this process, until now. */
  Set<Service> asked() {
    return Set.copyOf(words.keySet());
  }

  /** The service of that name. */
  static Service serviceOf(StoreService stores) {
    return new Service(stores.name().toLowerCase(Locale.ROOT));
  }

  /** What is our own want is no news of a host (rule B2.22). */
  void tell(List<ProbeTarget> of, ProbeDialogue.End end, long began) {
    AttemptOutcome outcome = end.greeted() ? AttemptOutcome.GREETED : end.outcome();
    ProbeTarget first = of.get(0);
    listener.probed(first.group(), first.service(), first.host(), outcome, end.reason());
    if (outcome != AttemptOutcome.ABANDONED) {
      double random = ThreadLocalRandom.current().nextDouble();
      for (ProbeTarget each : of) {
        selector.probed(each, outcome, end.reason(), began, System.nanoTime(), random);
      }
    }
  }
}
