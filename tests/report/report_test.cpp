#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <stdexcept>

#include "base/embedded_file.h"
#include "base/template.h"
#include "report/views.h"
#include "run/finished_run.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

fs::path expected_dir() { return fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/expected"; }

/// 95 of 100 are right: two 4s are taken for a 9, three 9s for a 4.
RunRecord sample_run() { return read_run(expected_dir() / "run"); }

RunRecord named(const std::string& name) {
  RunRecord run = sample_run();
  run.name = name;
  run.dir = fs::path("/runs") / name;
  return run;
}

MisclassifiedImage sample_misclassified() {
  MisclassifiedImage image{{1247, 4, {}}, GrayImage(28, 28)};
  image.prediction.probabilities.at(9) = 0.9987;
  image.prediction.probabilities.at(4) = 0.0013;
  image.image.at(3, 5) = 255;
  return image;
}

RunRecord diverged(const std::string& name) {
  RunRecord run = named(name);
  run.status = "diverged";
  run.stopped_by = "divergence";
  run.epochs = 0;
  run.chosen.reset();
  run.train_loss.reset();
  run.validation.reset();
  run.test.reset();
  run.history = {{1, 30, std::nan(""), 1.0, 1.0}};
  return run;
}

/// A run on 40 test images that is wrong on those from `begin` up to and without `end`.
RunRecord wrong_on(const std::string& name, int begin, int end) {
  RunRecord run = named(name);
  run.test_fingerprint = "0123456789abcdef";
  for (int i = 0; i < 40; ++i) {
    run.predictions.push_back({i % 10, (i % 10 + (begin <= i && i < end ? 1 : 0)) % 10, 0.9});
  }
  return run;
}

/// From `start` up to and without `end`.
std::string between(const std::string& page, const std::string& start, const std::string& end) {
  const auto from = page.find(start);
  if (from == std::string::npos) return "";
  return page.substr(from, page.find(end, from) - from);
}

std::string section_of(const std::string& page, const std::string& heading) {
  return between(page, "<h2>" + heading + "</h2>", "</section>");
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Without the style, which is a file of its own, and the bytes of pictures, which depend on the
/// version of the library that makes them.
std::string normalised(std::string page) {
  const std::string style = between(page, "<style>", "</style>");
  page.replace(page.find(style), style.size(), "<style>");
  for (const std::string uri = "data:image/png;base64,"; page.find(uri) != std::string::npos;) {
    const std::string picture = between(page, uri, "\"");
    page.replace(page.find(picture), picture.size(), "PICTURE");
  }
  return page;
}

TEST(Report, IsThatWhichWasLookedAt) {
  RunRecord run = sample_run();
  run.misclassified.push_back(sample_misclassified());
  const std::string page = normalised(report_page({run}));
  const fs::path file = expected_dir() / "report.html";
  if (std::getenv("MNIST_TRAIN_WRITE_EXPECTED") != nullptr) test::write_file(file, page);
  EXPECT_EQ(page, test::read_file(file))
      << "If the report is meant to have changed, run this test with MNIST_TRAIN_WRITE_EXPECTED=1 "
         "and look at what git diff shows";
}

TEST(Report, LoadsNothingAndRunsNothing) {
  RunRecord run = sample_run();
  run.misclassified.push_back(sample_misclassified());
  for (const std::string& page : {report_page({run}), report_page({run, named("other")})}) {
    EXPECT_THAT(page, AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                            Not(HasSubstr("<script")), Not(HasSubstr("<link")),
                            Not(HasSubstr("@import")), Not(HasSubstr("url("))));
    EXPECT_EQ(count_of(page, " src="), count_of(page, " src=\"data:image/png;base64,"));
    EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; img-src data:; style-src "
                                "'unsafe-inline'\""));
  }
}

TEST(Report, TakesNoTextForMarkup) {
  const std::string evil = "<script>alert('1')</script>\"&";
  RunRecord run = named(evil);
  run.config = {{evil, evil}};
  run.status = run.stopped_by = run.data_dir = run.engine = run.device = evil;
  run.version = run.libtorch = evil;
  RunRecord other = diverged(evil + "2");
  other.no_misclassified = other.no_predictions = evil;
  for (const std::string& page : {report_page({run}), report_page({run, other})}) {
    EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("('1')"))));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;&quot;&amp;"));
  }
}

TEST(Report, SaysHowManyAreRight) {
  EXPECT_THAT(
      section_of(report_page({sample_run()}), "Result"),
      AllOf(HasSubstr("95.00\u00a0%</strong><span>of 100 test images right"),
            HasSubstr("95&nbsp;% interval is 88.82 to 97.85\u00a0%, the mean test loss 0.2 nats"),
            HasSubstr("Training ended after 3 epochs in 3\u00a0min 20\u00a0s"),
            HasSubstr("The weights are those of epoch 2")));
}

TEST(Report, SaysThatTheAccuracyIsTooLow) {
  RunRecord run = sample_run();
  run.status = "below-min-accuracy";
  run.config.push_back({"min-accuracy", "99.5"});
  EXPECT_THAT(section_of(report_page({run}), "Result"),
              HasSubstr("The accuracy is below the one that was asked for, 99.5&nbsp;%."));
}

TEST(Report, SaysHowTheLossesWent) {
  EXPECT_THAT(section_of(report_page({sample_run()}), "Curves"),
              AllOf(HasSubstr("The training loss went from 1 in epoch 1 to 0.125 in epoch 3."),
                    HasSubstr("The validation loss went from 0.5 in epoch 1 to 0.3 in epoch 3."),
                    HasSubstr("It was lowest in epoch 2, at 0.25.")));
}

TEST(Report, ShowsEachDigitWithItsInterval) {
  const std::string digits = section_of(report_page({sample_run()}), "Accuracy of each digit");
  EXPECT_THAT(digits, HasSubstr("Hardest is the 9, with 70.00\u00a0%; easiest the 0"));
  // Wilson's interval of 7 of 10 is 0.3968 to 0.8922; the scale begins at 35 %.
  EXPECT_THAT(between(digits, "<th scope=\"row\">9</th>", "</tr>"),
              AllOf(HasSubstr("x1=\"7.20%\" x2=\"83.42%\""), HasSubstr("cx=\"53.85%\""),
                    HasSubstr("70.00\u00a0%<small>39.68 to 89.22\u00a0%</small>")));
}

TEST(Report, ShowsTheConfusionMatrix) {
  const std::string matrix = section_of(report_page({sample_run()}), "Confusion matrix");
  EXPECT_THAT(matrix, HasSubstr("The most frequent mistake is to take a 9 for a 4: 3 times."));
  EXPECT_THAT(matrix, HasSubstr("<td class=\"shade-6\" title=\"4 taken for 9: 2 of 10\">2</td>"));
  EXPECT_EQ(count_of(matrix, "<td class=\"right\""), 10);
  EXPECT_EQ(count_of(matrix, "<td class=\"shade-0\""), 88);
}

TEST(Report, ShadesMistakesByTheirShareOfTheDigit) {
  RunRecord run = sample_run();
  run.test->confusion.counts = {};
  run.test->confusion.counts[0] = {963, 1, 2, 5, 9, 20, 0, 0, 0, 0};  // of 1,000
  const std::string matrix = section_of(report_page({run}), "Confusion matrix");
  for (const char* cell :
       {"shade-1\" title=\"0 taken for 1:", "shade-2\" title=\"0 taken for 2:",
        "shade-3\" title=\"0 taken for 3:", "shade-3\" title=\"0 taken for 4:",
        "shade-5\" title=\"0 taken for 5:", "shade-0\" title=\"0 taken for 6:"}) {
    EXPECT_THAT(matrix, HasSubstr(cell));
  }
}

TEST(Report, ShowsMistakesAsPictures) {
  RunRecord run = sample_run();
  run.misclassified.push_back(sample_misclassified());
  EXPECT_THAT(section_of(report_page({run}), "Most confident mistakes"),
              AllOf(HasSubstr("<img src=\"data:image/png;base64,iVBOR"),
                    HasSubstr("alt=\"test image 1,247, a 4\""), HasSubstr("<b>4 taken for 9</b>"),
                    HasSubstr("99.87\u00a0%"), HasSubstr("image 1,247")));
}

TEST(Report, SaysWhyItHasNoMistakes) {
  RunRecord run = sample_run();
  const auto mistakes = [&] { return section_of(report_page({run}), "Most confident mistakes"); };
  EXPECT_THAT(mistakes(), HasSubstr("Not shown: here the model gets every test image right."));
  run.no_misclassified = "Its data are gone.";
  EXPECT_THAT(mistakes(), HasSubstr("Its data are gone."));
  run.no_misclassified = "";
  run.test->confusion.counts = {};
  run.test->confusion.counts[1][1] = 5;
  EXPECT_THAT(mistakes(), HasSubstr("There are none: every test image is right."));
}

TEST(Report, SaysWhatARunThatDivergedLacks) {
  const std::string page = report_page({diverged("a")});
  EXPECT_THAT(section_of(page, "Result"), HasSubstr("Training diverged in epoch 1 of 30"));
  EXPECT_THAT(section_of(page, "Curves"), HasSubstr("This run has no epoch with a finite loss"));
  for (const char* part :
       {"Accuracy of each digit", "Confusion matrix", "Most confident mistakes"}) {
    EXPECT_THAT(section_of(page, part), HasSubstr("This run was not tested")) << part;
  }
  EXPECT_THAT(page, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("<svg"))));
}

TEST(Report, SaysThatThereWereNoTestImages) {
  RunRecord run = sample_run();
  run.test.reset();
  run.test_images = 0;
  const std::string page = report_page({run});
  // Wilson's interval of 49 of 50 is 0.8950 to 0.9965.
  EXPECT_THAT(
      section_of(page, "Result"),
      AllOf(HasSubstr("<strong>completed</strong>"),
            HasSubstr("Of the 50 validation images, 98.00\u00a0% are right; the 95 % interval "
                      "is 89.50 to 99.65\u00a0%, the mean loss 0.25 nats.")));
  for (const char* part :
       {"Accuracy of each digit", "Confusion matrix", "Most confident mistakes"}) {
    EXPECT_THAT(section_of(page, part),
                HasSubstr("This run was not tested: its data has no test images."));
  }
  EXPECT_THAT(section_of(report_page({run, named("b")}), "Result"),
              HasSubstr("Best on the test images is b"));
}

TEST(Report, SaysWhatAnInterruptedRunLacks) {
  RunRecord run = sample_run();
  run.status = "interrupted";
  run.stopped_by = "signal";
  run.history.pop_back();
  const std::string page = report_page({run});
  EXPECT_THAT(section_of(page, "Result"), HasSubstr("interrupted after 3 of 30 epochs"));
  EXPECT_THAT(section_of(page, "Curves"),
              HasSubstr("This run has only 2 of its 3 epochs on record"));
}

TEST(Report, HasNoNumbersThatAreNotFinite) {
  RunRecord run = sample_run();
  run.test->loss = std::numeric_limits<double>::quiet_NaN();
  run.seconds = 1e308;
  run.images_per_second = 1e308;
  EXPECT_THAT(report_page({run}), AllOf(HasSubstr("mean test loss not finite"),
                                        Not(HasSubstr("nan")), Not(HasSubstr("inf<"))));
}

TEST(Report, ShowsDigitsThatHaveNoImages) {
  RunRecord run = sample_run();
  run.test->confusion.counts[0] = {};
  EXPECT_THAT(section_of(report_page({run}), "Accuracy of each digit"), HasSubstr("no images"));
}

TEST(Report, PutsOptionsThatDifferFirst) {
  RunRecord other = named("other");
  for (Setting& setting : other.config) {
    if (setting.name == "lr") setting.value = "0.1";
  }
  other.config.push_back({"patience-of-saints", "9"});
  const std::string options = section_of(report_page({sample_run(), other}), "Options");
  EXPECT_EQ(count_of(options, "class=\"differs\""), 2);
  EXPECT_THAT(options, HasSubstr("\u2260&nbsp;lr</th><td>0.01</td><td>0.1</td>"));
  EXPECT_THAT(options, HasSubstr("\u2260&nbsp;patience-of-saints</th><td>\u2013</td><td>9</td>"));
  EXPECT_LT(options.find("patience-of-saints"), options.find("class=\"same\""));
  EXPECT_EQ(options.rfind("class=\"differs\"") < options.find("class=\"same\""), true);
}

TEST(Report, LaysSeveralRunsSideBySide) {
  const std::string page = report_page({named("a"), named("b"), diverged("c")});
  EXPECT_EQ(count_of(section_of(page, "Curves"), "class=\"chart\""), 1);
  EXPECT_THAT(section_of(page, "Curves"), HasSubstr("c has no epoch with a finite loss"));
  EXPECT_EQ(count_of(section_of(page, "Curves"), "<path class=\"curve\" d=\"M64.0"), 4);
  EXPECT_EQ(count_of(section_of(page, "Accuracy of each digit"), "<td>70.00"), 2);
  EXPECT_THAT(section_of(page, "Accuracy of each digit"), HasSubstr("c was not tested"));
  EXPECT_EQ(count_of(section_of(page, "Confusion matrix"), "<table"), 2);
  EXPECT_THAT(
      section_of(page, "Result"),
      HasSubstr("Best on the test images is a, with 95.00\u00a0%. The interval of one other "
                "overlaps with its own."));
}

TEST(Report, SaysThatADifferenceCanBeChance) {
  const std::string pairs =
      section_of(report_page({wrong_on("a", 0, 7), wrong_on("b", 5, 15)}), "Better, or chance?");
  // 8 and 5 of 13: 2 * (1 + 13 + 78 + 286 + 715 + 1287) / 8192 = 0.5811
  EXPECT_THAT(pairs,
              HasSubstr("<p>b is right on 5 test images that a gets wrong, and wrong on 8 that "
                        "a gets right. Such a difference, or a larger one, would come by "
                        "chance in 58 of 100 such pairs of runs. So it can be chance.</p>"));
  EXPECT_THAT(pairs, HasSubstr("<td>5</td><td>8</td><td>25</td><td>2</td><td>58 of 100</td><td>can "
                               "be chance</td>"));
}

TEST(Report, SaysWhichRunIsBetter) {
  const RunRecord a = wrong_on("a", 0, 10);
  const RunRecord b = wrong_on("b", 10, 11);
  // 1 and 10 of 11: 2 * (1 + 11) / 2048 = 0.0117
  EXPECT_THAT(section_of(report_page({a, b}), "Better, or chance?"),
              AllOf(HasSubstr("in 1.2 of 100 such pairs of runs. So b is better.</p>"),
                    HasSubstr("<td>better than a</td>")));
  EXPECT_THAT(section_of(report_page({b, a}), "Better, or chance?"),
              AllOf(HasSubstr("in 1.2 of 100 such pairs of runs. So a is worse.</p>"),
                    HasSubstr("<td>worse than b</td>")));
  EXPECT_THAT(section_of(report_page({a, wrong_on("c", 10, 20)}), "Better, or chance?"),
              AllOf(HasSubstr("So neither is better.</p>"), HasSubstr("<td>none</td>")));
}

TEST(Report, AsksMoreOfEachOfSeveralComparisons) {
  const RunRecord a = wrong_on("a", 0, 6);
  // 6 and 0 of 6: 2 / 64 = 0.03125, which Holm's method doubles or leaves, for two comparisons.
  EXPECT_THAT(section_of(report_page({a, wrong_on("b", 0, 0)}), "Better, or chance?"),
              HasSubstr("<td>better than a</td>"));
  const std::string pairs =
      section_of(report_page({a, wrong_on("b", 0, 0), wrong_on("c", 0, 5)}), "Better, or chance?");
  EXPECT_THAT(pairs, AllOf(HasSubstr("each of these 2 has to be clearer"),
                           HasSubstr("<td>3.1 of 100</td><td>can be chance</td>"),
                           HasSubstr("<td>100 of 100</td><td>can be chance</td>")));
}

TEST(Report, SaysHowRareChanceIs) {
  const auto chance_of = [](int wrong) {  // 2 / 2^wrong
    return section_of(report_page({wrong_on("a", 0, wrong), wrong_on("b", 0, 0)}),
                      "Better, or chance?");
  };
  EXPECT_THAT(chance_of(5), HasSubstr("in 6.2 of 100 such"));
  EXPECT_THAT(chance_of(8), HasSubstr("in fewer than 1 of 100 such"));
  EXPECT_THAT(chance_of(11), HasSubstr("in fewer than 1 of 1,000 such"));
  EXPECT_THAT(chance_of(22), HasSubstr("in fewer than 1 of 1,000,000 such"));
}

TEST(Report, ComparesWithTheFirstRunThatHasPredictions) {
  RunRecord other_images = wrong_on("d", 0, 7);
  other_images.test_fingerprint = "fedcba9876543210";
  RunRecord broken = named("e");
  broken.no_predictions = "Line 5 is strange.";
  const std::string pairs =
      section_of(report_page({named("a"), wrong_on("b", 0, 7), wrong_on("c", 5, 15), other_images,
                              broken, diverged("f")}),
                 "Better, or chance?");
  EXPECT_THAT(pairs, AllOf(HasSubstr("c is right on 5 test images that b gets wrong"),
                           HasSubstr("only b is right</th>"),
                           HasSubstr("a is not compared: it has no predictions.csv"),
                           HasSubstr("d is not compared: it was tested on other test images."),
                           HasSubstr("e is not compared: Line 5 is strange."),
                           Not(HasSubstr("f is not compared"))));
  EXPECT_EQ(count_of(pairs, "<tr><th scope=\"row\">"), 1);
}

TEST(Report, SaysNothingOfPairsWhereNoRunKeptItsPredictions) {
  const char* const heading = "Better, or chance?";
  EXPECT_EQ(section_of(report_page({named("a"), named("b")}), heading), "");
  EXPECT_EQ(section_of(report_page({wrong_on("a", 0, 7)}), heading), "");
  RunRecord broken = named("b");
  broken.no_predictions = "Line 5 is strange.";
  const std::string pairs = section_of(report_page({named("a"), broken}), heading);
  EXPECT_THAT(pairs, AllOf(HasSubstr("b is not compared: Line 5"), Not(HasSubstr("<table"))));
}

TEST(Report, TellsRunsOfTheSameNameApart) {
  RunRecord one = sample_run();
  RunRecord other = sample_run();
  one.dir = "/runs/one/run";
  other.dir = "/runs/other/run";
  EXPECT_THAT(report_page({one, other}),
              AllOf(HasSubstr("one/run"), HasSubstr("other/run"), Not(HasSubstr("runs/one/run"))));
  other.dir = one.dir;
  EXPECT_THAT(report_page({one, other}), HasSubstr("2 runs compared"));
}

/// Pages that have everything which a page can have or lack.
std::vector<nlohmann::json> views_of_all_kinds() {
  RunRecord full = sample_run();
  full.misclassified.push_back(sample_misclassified());
  full.test->confusion.counts[0] = {};
  full.status = "below-min-accuracy";
  full.config.push_back({"min-accuracy", "99"});
  return {report_view({full}), report_view({diverged("a")}),
          report_view({full, named("b"), diverged("c")}),
          report_view({wrong_on("a", 0, 7), wrong_on("b", 5, 15), named("c")})};
}

/// With another name in the tag at `match`, and in that which ends it if it begins a section.
std::string misspelt(std::string text, const std::smatch& match) {
  const std::string name = match[2];
  if (match[1] == "#" || match[1] == "^") {
    text.insert(text.find("{{/" + name + "}}", match.position()) + 3, "un");
  }
  return text.insert(match.position(2), "un");
}

bool renders(const std::string& page, const nlohmann::json& view) {
  try {
    render_template(page, view);
    return true;
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("the view has no 'un"));
    return false;
  }
}

// So the tests would notice a name in a template that its view does not have, wherever it is.
TEST(Report, FillsInEveryNameOfItsTemplates) {
  const std::string page(embedded_file("report/report.html"));
  const std::regex tag("\\{\\{\\{?([#^>]?)(\\w+)\\}");
  int tags = 0;
  for (const std::string file : {"", "label", "values"}) {
    const std::vector<nlohmann::json> views = views_of_all_kinds();
    const std::string text = file.empty() ? page : views.front()[file].get<std::string>();
    for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at) {
      ++tags;
      const std::string changed = misspelt(text, *at);
      EXPECT_FALSE(std::all_of(views.begin(), views.end(),
                               [&](nlohmann::json view) {
                                 if (file.empty()) return renders(changed, view);
                                 view[file] = changed;
                                 return renders(page, view);
                               }))
          << at->str() << " at " << at->position() << " of " << file;
    }
  }
  EXPECT_GT(tags, 100);
}

}  // namespace
}  // namespace mnist
