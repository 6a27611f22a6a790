#include <algorithm>
#include <cmath>
#include <optional>

#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

using Fact = nlohmann::ordered_json;   ///< "text", and "detail" in small type below it
using Facts = nlohmann::ordered_json;  ///< those about a run by their names, in order

Fact fact(const std::string& value, const std::string& detail = "") {
  return {{"text", value}, {"detail", detail}};
}

const Fact kNone = fact("\u2013");

/// What table.html shows: a list of the facts that are the same for all runs, and a table of those
/// that are not. All facts about a single run are in the list; all about several are in the table
/// if `is_table`.
json facts_view(const std::string& heading, const Runs& runs, const std::vector<Facts>& facts,
                bool is_table = false) {
  Facts names;
  for (const Facts& run : facts) names.update(run);
  json shared = json::array();
  json columns = json::array();
  json rows = json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) rows.push_back(label(runs, i));
  for (const auto& [name, unused] : names.items()) {
    std::vector<Fact> values;
    for (const Facts& run : facts) values.push_back(run.value(name, kNone));
    const bool is_same = std::ranges::count(values, values.front()) == std::ssize(values);
    if (is_same && values.front() == kNone) continue;
    if (runs.size() == 1 || (is_same && !is_table)) {
      shared.push_back(json(values.front()));
      shared.back()["name"] = name;
    } else {
      columns.push_back(name);
      for (std::size_t i = 0; i < runs.size(); ++i) rows[i]["cells"].push_back(json(values[i]));
    }
  }
  return {{"heading", heading},
          {"rows", columns.empty() ? json() : json{{"columns", columns}, {"list", rows}}},
          {"shared", shared.empty() ? json() : json{{"list", shared}}}};
}

Fact accuracy_fact(const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return kNone;
  const ConfusionMatrix& confusion = evaluation->confusion;
  return fact(percent(evaluation->accuracy()),
              interval_text(wilson_interval(confusion.correct(), confusion.total())));
}

Fact loss_fact(const std::optional<Evaluation>& evaluation) {
  return evaluation ? fact(rounded(evaluation->loss, 4)) : kNone;
}

}  // namespace

json results_view(const Runs& runs) {
  std::vector<Facts> facts;
  for (const RunRecord& run : runs) {
    const bool is_selected = run.chosen && run.chosen->by == "validation";
    const bool is_early =
        run.stopped_by == stop_name(Stop::kPatience) || run.stopped_by == stop_name(Stop::kMaxTime);
    const double speed = std::min(1e18, run.images_per_second);  // so that it can be rounded
    facts.push_back(
        {{"test accuracy", accuracy_fact(run.test)},
         {"test loss", loss_fact(run.test)},
         {"validation accuracy", accuracy_fact(run.validation)},
         {"validation loss", loss_fact(run.validation)},
         {"training loss", run.train_loss ? fact(rounded(*run.train_loss, 4)) : kNone},
         {"epochs",
          fact(grouped(run.epochs),
               is_selected ? "weights of epoch " + std::to_string(run.chosen->epoch) : "")},
         {"training time", fact(duration_text(run.seconds),
                                run.epochs > 0 ? grouped(std::llround(speed)) + " images/s" : "")},
         {"status", fact(run.status, is_early ? "stopped by " + run.stopped_by : "")}});
  }
  return facts_view("Results", runs, facts, true);
}

json options_view(const Runs& runs) {
  std::vector<Facts> facts(runs.size(), Facts::object());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].recipe) facts[i]["recipe"] = fact(*runs[i].recipe);
    for (const Setting& option : runs[i].config) {
      facts[i][option.name] = fact(plain_value(option));
    }
  }
  return facts_view("Options", runs, facts);
}

json environment_view(const Runs& runs) {
  std::vector<Facts> facts;
  for (const RunRecord& run : runs) {
    facts.push_back({{"mnist-train", fact(run.version)},
                     {"LibTorch", fact(run.libtorch)},
                     {"engine", fact(run.engine)},
                     {"device", fact(run.device)},
                     {"threads", fact(grouped(run.threads))},
                     {"training images", fact(grouped(run.train_images))},
                     {"validation images", fact(grouped(run.validation_images))},
                     {"test images", fact(grouped(run.test_images))},
                     {"data", fact(run.data_dir)}});
  }
  return facts_view("Environment", runs, facts);
}

}  // namespace mnist
