package org.openmmp.program;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.text.AddressLiteral;

/**
 * Asks the system for the addresses of all stores at once, so that a name server that is dead costs
 * one wait and not one for each name.
 */
record NameTrial(Predicate<String> resolves, Duration limit) {
  private static final int THREADS = 64;

  /** One that asks the system, for ten seconds in all. */
  NameTrial() {
    this(NameTrial::hasAddress, Duration.ofSeconds(10));
  }

  /** What is wrong with the hosts whose addresses the configuration does not say. */
  List<String> findings(OpenMmpConfig config) throws InterruptedException {
    Set<String> hosts = new TreeSet<>();
    for (GroupConfig group : config.groups()) {
      for (String host : group.hosts()) {
        if (!config.resolver().hosts().containsKey(host) && AddressLiteral.parse(host) == null) {
          hosts.add(host);
        }
      }
    }
    return findings(List.copyOf(hosts));
  }

  private List<String> findings(List<String> hosts) throws InterruptedException {
    if (hosts.isEmpty()) {
      return List.of();
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(THREADS, hosts.size()),
            task -> {
              Thread thread = new Thread(task, "name-trial");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<Boolean>> answers =
          threads.invokeAll(
              hosts.stream().<Callable<Boolean>>map(host -> () -> resolves.test(host)).toList(),
              limit.toNanos(),
              TimeUnit.NANOSECONDS);
      List<String> findings = new ArrayList<>();
      for (int i = 0; i < hosts.size(); i++) {
        String trouble = trouble(answers.get(i));
        if (!trouble.isEmpty()) {
          findings.add(hosts.get(i) + trouble);
        }
      }
      return findings;
    } finally {
      threads.shutdownNow();
    }
  }

  private String trouble(Future<Boolean> answer) throws InterruptedException {
    try {
      return answer.get() ? "" : " does not resolve";
    } catch (CancellationException late) {
      return " was not resolved within " + limit.toMillis() + " ms";
    } catch (ExecutionException failed) {
      return " cannot be resolved: " + failed.getCause();
    }
  }

  private static boolean hasAddress(String host) {
    try {
      return InetAddress.getAllByName(host).length > 0;
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
