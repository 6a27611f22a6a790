#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "base/embedded_file.h"
#include "base/template.h"
#include "base/text.h"
#include "picture/picture_file.h"
#include "report/loss_chart.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The last `parts` parts of a path.
std::string tail(fs::path path, int parts) {
  fs::path result = path.filename();
  for (path = path.parent_path(); --parts > 0 && path.has_filename(); path = path.parent_path()) {
    result = path.filename() / result;
  }
  return result.string();
}

Runs with_names_that_differ(Runs runs) {
  constexpr int kDeepest = 16;  // the same folder given twice never differs
  for (int parts = 2; parts <= kDeepest; ++parts) {
    std::set<std::string> names;
    for (const RunRecord& run : runs) names.insert(run.name);
    if (names.size() == runs.size()) break;
    for (RunRecord& run : runs) run.name = tail(run.dir, parts);
  }
  return runs;
}

using Facts = std::vector<std::pair<std::string, std::string>>;  ///< names and values

std::string value_of(const Facts& facts, const std::string& name) {
  const auto found = std::find_if(facts.begin(), facts.end(),
                                  [&](const auto& fact) { return fact.first == name; });
  return found == facts.end() ? "\u2013" : found->second;
}

/// A row of values.html: what each run has for a name, or once what all of them share.
json values_row(const std::string& name, const std::vector<Facts>& runs) {
  constexpr std::size_t kLong = 16;  // bytes; a longer value gets more room
  std::vector<std::string> values;
  for (const Facts& facts : runs) values.push_back(value_of(facts, name));
  const bool differs =
      std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end();
  const std::string colspan = differs || runs.size() == 1 ? "" : std::to_string(runs.size());
  if (!differs) values.resize(1);
  json cells = json::array();
  for (const std::string& value : values) {
    cells.push_back({{"text", value}, {"long", value.size() > kLong}, {"colspan", colspan}});
  }
  return {{"name", name}, {"marked", differs}, {"cells", cells}};
}

/// What values.html shows: a row for each name that a run has.
json values_view(const std::string& heading, const std::vector<Facts>& runs) {
  json rows = json::array();
  std::set<std::string> seen;
  for (const Facts& facts : runs) {
    for (const auto& [name, value] : facts) {
      if (seen.insert(name).second) rows.push_back(values_row(name, runs));
    }
  }
  return {{"heading", heading}, {"rows", rows}};
}

json options_view(const Runs& runs) {
  std::vector<Facts> options(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const Setting& option : runs[i].config) {
      options[i].emplace_back(option.name, plain_value(option));
    }
  }
  json view = values_view("Options", options);
  const auto same = std::stable_partition(view["rows"].begin(), view["rows"].end(),
                                          [](const json& row) { return row["marked"] == true; });
  std::string words = "The runs have the same options.";
  if (same != view["rows"].begin()) {
    words = "Those in which the runs differ come first, marked \u2260.";
  }
  view["words"] = runs.size() == 1 ? "" : words;
  return view;
}

json facts_view(const Runs& runs) {
  std::vector<Facts> facts;
  for (const RunRecord& run : runs) {
    const double speed = std::min(run.images_per_second, 1e18);  // so that it can be rounded
    facts.push_back({{"mnist-train", run.version},
                     {"LibTorch", run.libtorch},
                     {"engine", run.engine},
                     {"device", run.device},
                     {"threads", grouped(run.threads)},
                     {"training time", duration_text(run.seconds)},
                     {"images per second", grouped(std::llround(speed))},
                     {"status", run.status},
                     {"training images", grouped(run.train_images)},
                     {"validation images", grouped(run.validation_images)},
                     {"test images", grouped(run.test_images)},
                     {"data", run.data_dir}});
  }
  json view = values_view("Versions and times", facts);
  for (json& row : view["rows"]) row["marked"] = false;  // these are meant to differ
  return view;
}

std::string why_no_mistakes(const Runs& runs, std::size_t index) {
  const RunRecord& run = runs[index];
  if (!run.misclassified.empty()) return "";
  if (!run.no_misclassified.empty()) return run.no_misclassified;
  if (!run.test) return why_untested(runs, index);
  const Score all = score(*run.test);
  return all.correct == all.total ? "There are none: every test image is right."
                                  : "Not shown: here the model gets every test image right.";
}

/// The text of a part of a template, without the line feed at its end.
std::string part(std::string_view name) {
  const std::string_view text = embedded_file(name);
  return std::string(text.substr(0, text.rfind('\n')));
}

}  // namespace

json mistakes_view(const Runs& runs) {
  json view = json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    json images = json::array();
    for (const MisclassifiedImage& image : runs[i].misclassified) {
      images.push_back({{"png", base64(encode_png(image.image))},
                        {"position", grouped(image.position)},
                        {"truth", std::to_string(image.truth)},
                        {"guess", std::to_string(image.prediction.digit())},
                        {"probability", percent(image.prediction.probability())}});
    }
    view.push_back(label(runs, i));
    view.back()["why_none"] = why_no_mistakes(runs, i);
    view.back()["images"] = images;
  }
  return view;
}

std::string Score::interval_text() const {
  return fmt::format("{:.2f} to {:.2f}\u00a0%", 100 * interval().low, 100 * interval().high);
}

Score score(const Evaluation& evaluation) {
  return {evaluation.confusion.correct(), evaluation.confusion.total()};
}

json label(const Runs& runs, std::size_t run) {
  return {{"name", runs[run].name},
          {"mark", runs.size() == 1 ? json(false) : series_mark(run, false)}};
}

std::string subject(const Runs& runs, std::size_t run) {
  return runs.size() == 1 ? "This run" : runs[run].name;
}

std::string why_untested(const Runs& runs, std::size_t run) {
  const RunRecord& untested = runs[run];
  const char* why = " was not tested: it has no whole epoch yet.";
  if (untested.test_images == 0) why = " was not tested: its data has no test images.";
  if (untested.status == kStatusDiverged) why = " was not tested, since its training diverged.";
  return subject(runs, run) + why;
}

std::vector<std::size_t> tested(const Runs& runs) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].test) result.push_back(i);
  }
  return result;
}

std::string option_of(const RunRecord& run, const std::string& name) {
  for (const Setting& setting : run.config) {
    if (setting.name == name) return plain_value(setting);
  }
  return "\u2013";
}

json report_view(const Runs& all) {
  const Runs runs = with_names_that_differ(all);
  json labels = json::array();
  json untested = json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    labels.push_back(label(runs, i));
    if (!runs[i].test) untested.push_back(why_untested(runs, i));
  }
  const auto count = static_cast<std::int64_t>(runs.size());
  return {{"title", count == 1 ? runs.front().name : grouped(count) + " runs compared"},
          {"css", embedded_file("report/report.css")},
          {"label", part("report/label.html")},
          {"values", part("report/values.html")},
          {"several", count > 1},
          {"runs", labels},
          {"untested", untested},
          {"result", result_view(runs)},
          {"pairs", pairs_view(runs)},
          {"options", options_view(runs)},
          {"curves", curves_view(runs)},
          {"digits", digits_view(runs)},
          {"confusion", confusion_view(runs)},
          {"mistakes", mistakes_view(runs)},
          {"facts", facts_view(runs)}};
}

std::string report_page(const Runs& runs) {
  return render_template(embedded_file("report/report.html"), report_view(runs));
}

}  // namespace mnist
