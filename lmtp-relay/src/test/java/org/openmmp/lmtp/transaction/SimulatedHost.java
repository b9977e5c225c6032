package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A host of a group: its fate, its words on recipients, and what it has got. */
final class SimulatedHost {
  /**
   * A message whose end has come.
   *
   * @param recipients those that were accepted, in their order
   * @param replied those of them whose reply was sent
   */
  record Delivery(List<String> recipients, String message, List<String> replied) {}

  final String name;
  Fate fate = Fate.SERVES;
  String greeting = "220 store LMTP ready";
  List<String> extensions = List.of("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SIZE 0");
  final Map<String, String> rcptReplies = new HashMap<>();
  final Map<String, String> finalReplies = new HashMap<>();
  final List<Delivery> deliveries = new ArrayList<>();
  final List<String> commands = new ArrayList<>();
  int connects;

  private String surplusBehind = "";
  private int surplusLater;
  private String surplus = "";

  SimulatedHost(String name) {
    this.name = name;
  }

  /** It will say that once, so many replies behind its next reply to that command. */
  void surplus(String behind, int repliesLater, String reply) {
    surplusBehind = behind;
    surplusLater = repliesLater;
    surplus = reply;
  }

  /**
   * What is said besides, behind a reply to that command; null for nothing. Not between the end of
   * a message and its replies: nobody could tell it from them.
   */
  @Nullable String surplusBehind(String command) {
    if (surplus.isEmpty() || !(surplusBehind.isEmpty() || command.equals(surplusBehind))) {
      return null;
    }
    surplusBehind = "";
    if (surplusLater-- > 0) {
      return null;
    }
    String said = surplus;
    surplus = "";
    return said;
  }

  String rcptReply(String address) {
    return rcptReplies.getOrDefault(address, "250 2.1.5 OK");
  }

  String finalReply(String address) {
    return finalReplies.getOrDefault(address, "250 2.0.0 " + name + " has it for " + address);
  }
}
