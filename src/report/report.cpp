#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/template.h"
#include "base/text.h"
#include "picture/picture_file.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

/// All runs in the order in which a page lists them.
std::vector<std::size_t> order_of(const Runs& runs) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), 0U);
  if (runs.size() > kMostInDetail) {
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t run) {
      return runs[run].test ? runs[run].test->accuracy() : -1.0;
    });
  }
  return order;
}

/// Runs of the same name are called by their paths.
void make_names_differ(Runs& runs) {
  std::set<std::string> names;
  for (const RunRecord& run : runs) names.insert(run.name);
  if (names.size() == runs.size()) return;
  for (RunRecord& run : runs) run.name = run.dir.string();
}

std::vector<std::string> notes_on(const Runs& runs, const std::vector<std::string>& skipped) {
  std::vector<std::string> notes;
  if (runs.size() > kMostInDetail) {
    notes.push_back(
        "Sorted by test accuracy. Charts, confusion matrices and images are those of the " +
        std::to_string(kMostInDetail) + " best runs.");
  }
  if (std::ranges::any_of(runs, [](const RunRecord& run) { return run.test_images == 0; })) {
    notes.emplace_back("There is no test accuracy where the data has no test images.");
  }
  for (const std::string& line : skipped) notes.push_back("Skipped: " + line);
  return notes;
}

/// RunRecord::misclassified of each run that was tested; null if none was.
json misclassified_view(const Runs& runs) {
  json view = json::array();
  for (const std::size_t run : tested(runs)) {
    json images = json::array();
    for (const MisclassifiedImage& image : runs[run].misclassified) {
      images.push_back({{"png", base64(encode_png(image.image))},
                        {"position", std::to_string(image.position)},
                        {"label", std::to_string(image.prediction.label)},
                        {"predicted", std::to_string(image.prediction.predicted)},
                        {"probability", percent(image.prediction.probability)}});
    }
    const std::string& why = runs[run].no_misclassified;
    view.push_back(label(runs, run));
    view.back()["images"] = images;
    view.back()["why_none"] = !images.empty() ? "" : why.empty() ? "None." : why;
  }
  return view.empty() ? json() : json{{"runs", view}};
}

}  // namespace

std::vector<std::size_t> runs_in_detail(const Runs& runs) {
  std::vector<std::size_t> order = order_of(runs);
  order.resize(std::min(runs.size(), kMostInDetail));
  return order;
}

std::string style_class(std::size_t style) {
  return fmt::format("color-{} dash-{}", style, style % 5);
}

json label(const Runs& runs, std::size_t run) {
  const bool has_style = runs.size() > 1 && run < kMostInDetail;
  return {{"name", runs[run].name}, {"style", has_style ? style_class(run) : ""}};
}

std::vector<std::size_t> tested(const Runs& runs) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].test) result.push_back(i);
  }
  return result;
}

std::string report_page(Runs given, const std::vector<std::string>& skipped) {
  make_names_differ(given);
  Runs runs;
  for (const std::size_t run : order_of(given)) runs.push_back(given[run]);
  const auto in_detail = static_cast<std::ptrdiff_t>(std::min(runs.size(), kMostInDetail));
  const Runs detailed(runs.begin(), runs.begin() + in_detail);
  // Runs are compared with the first one given, wherever it is listed.
  const auto first =
      std::ranges::find_if(given, [](const RunRecord& run) { return !run.predictions.empty(); });
  const bool is_comparable = runs.size() > 1 && first != given.end();
  const json view{
      {"title", runs.size() == 1 ? runs.front().name : std::to_string(runs.size()) + " runs"},
      {"css", embedded_file("report/report.css")},
      {"label", embedded_file("report/label.html")},
      {"table", embedded_file("report/table.html")},
      {"several", runs.size() > 1},
      {"notes", notes_on(runs, skipped)},
      {"score", runs.front().test ? percent(runs.front().test->accuracy()) : ""},
      {"status", runs.front().status},
      {"results", results_view(runs)},
      {"comparison", is_comparable ? comparison_view(runs, *first) : json()},
      {"options", options_view(runs)},
      {"curves", curves_view(detailed)},
      {"digits", digits_view(detailed)},
      {"confusion", confusion_view(detailed)},
      {"misclassified", misclassified_view(detailed)},
      {"environment", environment_view(runs)}};
  return render_template(embedded_file("report/report.html"), view);
}

}  // namespace mnist
