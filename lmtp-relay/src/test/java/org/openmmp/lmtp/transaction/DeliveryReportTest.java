package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class DeliveryReportTest {
  @Test
  void stagesAreToldInTheOrderOfTime() { // B8.6
    DeliveryReport report =
        new DeliveryReport(
            "cluster1",
            1,
            0,
            DeliveryStage.FINAL_REPLIES,
            "",
            Arrays.stream(DeliveryStage.values())
                .collect(Collectors.toMap(Function.identity(), stage -> 1L)));
    assertEquals(List.of(DeliveryStage.values()), List.copyOf(report.spentNanos().keySet()));
  }
}
