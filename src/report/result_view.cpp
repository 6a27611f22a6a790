#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

/// How training went and why it ended.
std::string course_of(const RunRecord& run) {
  const std::string planned = option_of(run, "epochs");
  const std::string trained = count_of(run.epochs, "epoch") + " in " + duration_text(run.seconds);
  if (run.stopped_by == stop_name(Stop::kDiverged)) {
    return fmt::format(
        "Training diverged in epoch {} of {}: losses or weights were not finite. A smaller lr or "
        "momentum may help.",
        run.epochs + 1, planned);
  }
  if (run.stopped_by == stop_name(Stop::kAsked)) {
    return fmt::format("Training was interrupted after {} of {} epochs; with --resume it goes on.",
                       grouped(run.epochs), planned);
  }
  if (run.stopped_by == stop_name(Stop::kMaxTime)) return "The time was up after " + trained + ".";
  if (run.stopped_by == stop_name(Stop::kPatience)) {
    return "Training ended after " + trained + ", for the validation loss no longer fell.";
  }
  return "Trained for " + trained + ", on " + count_of(run.train_images, "image") + ".";
}

/// What is known of a run without test images.
std::string validation_words(const Evaluation& validation) {
  const Score all = score(validation);
  return fmt::format(" Of the {}, {} are right; the 95 % interval is {}, the mean loss {} nats.",
                     count_of(all.total, "validation image"), percent(all.share()),
                     all.interval_text(), rounded(validation.loss, 4));
}

json result_of_one(const RunRecord& run) {
  json view{{"course", course_of(run)}, {"score", run.status}, {"test", false}};
  if (!run.test) {
    if (run.validation) view["course"] = course_of(run) + validation_words(*run.validation);
    return view;
  }
  const Score all = score(*run.test);
  const bool chose = run.chosen && run.chosen->by == "validation";
  const bool missed = run.status == kStatusBelowMinAccuracy;
  view["score"] = percent(all.share());
  view["test"] = {{"images", count_of(all.total, "test image")},
                  {"interval", all.interval_text()},
                  {"loss", rounded(run.test->loss, 4)},
                  {"chosen", chose ? std::to_string(run.chosen->epoch) : ""},
                  {"missed", missed ? option_of(run, "min-accuracy") : ""}};
  return view;
}

/// The best by the test, if there is one, and which runs it cannot be told apart from at once.
std::string comparison(const Runs& runs) {
  const auto share = [&](std::size_t run) { return score(*runs[run].test).share(); };
  const auto interval = [&](std::size_t run) { return score(*runs[run].test).interval(); };
  const std::vector<std::size_t> candidates = tested(runs);
  if (candidates.empty()) return "None of these runs was tested.";
  const std::size_t best = *std::max_element(
      candidates.begin(), candidates.end(),
      [&](std::size_t one, std::size_t other) { return share(one) < share(other); });
  const auto close = std::count_if(candidates.begin(), candidates.end(), [&](std::size_t run) {
    return run != best && interval(run).high >= interval(best).low;
  });
  std::string text =
      fmt::format("Best on the test images is {}, with {}.", runs[best].name, percent(share(best)));
  if (close == 1) text += " The interval of one other overlaps with its own.";
  if (close > 1) {
    text += fmt::format(" The intervals of {} others overlap with its own.", grouped(close));
  }
  return text;
}

json evaluation_view(const std::optional<Evaluation>& evaluation) {
  constexpr const char* kNone = "\u2013";
  if (!evaluation) return {{"accuracy", kNone}, {"interval", ""}, {"loss", kNone}};
  const Score all = score(*evaluation);
  return {{"accuracy", percent(all.share())},
          {"interval", all.interval_text()},
          {"loss", rounded(evaluation->loss, 4)}};
}

}  // namespace

json result_view(const Runs& runs) {
  if (runs.size() == 1) return result_of_one(runs.front());
  json rows = json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunRecord& run = runs[i];
    json row = label(runs, i);
    row["evaluations"] = {evaluation_view(run.test), evaluation_view(run.validation)};
    row["train_loss"] = run.train_loss ? rounded(*run.train_loss, 4) : "\u2013";
    row["epochs"] = grouped(run.epochs);
    row["time"] = duration_text(run.seconds);
    row["status"] = run.status;
    rows.push_back(row);
  }
  return {{"comparison", comparison(runs)}, {"rows", rows}};
}

}  // namespace mnist
