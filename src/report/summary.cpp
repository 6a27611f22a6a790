#include "report/summary.h"

#include <optional>

#include "report/sections.h"

namespace mnist {
namespace {

using Runs = std::vector<StoredRun>;

std::string count_of(std::int64_t count, const std::string& thing) {
  return grouped(count) + " " + thing + (count == 1 ? "" : "s");
}

/// How training went and why it ended.
std::string course_of(const StoredRun& run) {
  const std::string trained = count_of(run.epochs, "epoch") + " in " + duration_text(run.seconds);
  const std::string of_all = " of " + option_of(run, "epochs");
  if (run.stopped_by == "divergence") {
    return "Training diverged in epoch " + std::to_string(run.epochs + 1) + of_all +
           ": losses or weights were not finite. A smaller lr or momentum may help.";
  }
  if (run.stopped_by == "signal") {
    return "Training was interrupted after " + grouped(run.epochs) + of_all +
           " epochs; with --resume it goes on.";
  }
  if (run.stopped_by == "max-time") return "The time was up after " + trained + ".";
  if (run.stopped_by == "patience") {
    return "Training ended after " + trained + ", for the validation loss no longer fell.";
  }
  return "Trained for " + trained + ", on " + count_of(run.train_images, "image") + ".";
}

std::string chosen_of(const StoredRun& run) {
  if (!run.chosen || run.chosen->by != "validation") return "";
  return " The weights are those of epoch " + std::to_string(run.chosen->epoch) +
         ", which had the lowest validation loss.";
}

Html summary_of_one(const StoredRun& run) {
  if (!run.test) {
    return element("p", {{"class", "score"}}, element("strong", {}, run.status)) +
           element("p", {}, course_of(run));
  }
  const ConfusionMatrix& confusion = run.test->confusion;
  const std::int64_t total = confusion.total();
  const Html score = element("strong", {}, percent(accuracy(confusion.correct(), total))) +
                     element("span", {}, "of " + count_of(total, "test image") + " right");
  const std::string words = "The 95\u00a0% interval is " +
                            interval_text(confusion.correct(), total) + ", the mean test loss " +
                            rounded(run.test->loss, 4) + " nats. ";
  const std::string warning = run.status == "below-min-accuracy"
                                  ? " The accuracy is below the one that was asked for, " +
                                        option_of(run, "min-accuracy") + "\u00a0%."
                                  : "";
  return element("p", {{"class", "score"}}, score) +
         element("p", {}, words + course_of(run) + chosen_of(run) + warning);
}

Html evaluation_cells(const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return element("td", {}, "\u2013") + element("td", {}, "\u2013");
  const ConfusionMatrix& confusion = evaluation->confusion;
  return element("td", {},
                 percent(accuracy(confusion.correct(), confusion.total())) +
                     element("small", {}, interval_text(confusion.correct(), confusion.total()))) +
         element("td", {}, rounded(evaluation->loss, 4));
}

/// The best by the test, if there is one, and which runs it cannot be told apart from at once.
std::string comparison(const Runs& runs) {
  const StoredRun* best = nullptr;
  const auto share = [](const StoredRun& run) {
    return accuracy(run.test->confusion.correct(), run.test->confusion.total());
  };
  for (const StoredRun& run : runs) {
    if (run.test && (best == nullptr || share(run) > share(*best))) best = &run;
  }
  if (best == nullptr) return "None of these runs was tested.";
  const auto interval = [](const StoredRun& run) {
    return wilson_interval(run.test->confusion.correct(), run.test->confusion.total());
  };
  std::int64_t close = 0;
  for (const StoredRun& run : runs) {
    if (&run != best && run.test && interval(run).high >= interval(*best).low) ++close;
  }
  std::string text =
      "Best on the test images is " + best->name + ", with " + percent(share(*best)) + ".";
  if (close > 0) {
    text += close == 1 ? " The interval of one other overlaps"
                       : " The intervals of " + grouped(close) + " others overlap";
    text += " with its own.";
  }
  return text;
}

Html summary_of_several(const Runs& runs) {
  Html heads;
  for (const char* name : {"run", "test accuracy", "test loss", "validation accuracy",
                           "validation loss", "training loss", "epochs", "time", "status"}) {
    heads += header_cell("col", name);
  }
  Html rows = element("tr", {}, heads) + "\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const StoredRun& run = runs[i];
    rows +=
        element("tr", {},
                header_cell("row", run_label(runs, i)) + evaluation_cells(run.test) +
                    evaluation_cells(run.validation) +
                    element("td", {}, run.train_loss ? rounded(*run.train_loss, 4) : "\u2013") +
                    element("td", {}, grouped(run.epochs)) +
                    element("td", {}, duration_text(run.seconds)) + element("td", {}, run.status)) +
        "\n";
  }
  return element("p", {}, comparison(runs)) + scrolling_table("Results", "results", rows);
}

}  // namespace

Html result_section(const Runs& runs) {
  return section("Result",
                 runs.size() == 1 ? summary_of_one(runs.front()) : summary_of_several(runs));
}

}  // namespace mnist
