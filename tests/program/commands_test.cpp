// Runs the built program's subcommands on the sample and on a model trained on it.

#include <algorithm>
#include <regex>

#include "augment/augmentation.h"
#include "mnist_train/data.h"
#include "picture/labeled_grid.h"
#include "picture/picture_file.h"
#include "program/runs.h"
#include "run/predictions.h"
#include "train/images.h"

namespace mnist {
namespace {

using nlohmann::json;
using test::Outcome;
using test::read_file;
using test::run_program;

Outcome show(const Arguments& options) {
  return run_program(Arguments{"show", kSampleData} + options);
}

/// The captions of a drawn gallery: "7  #0".
std::vector<std::string> captions(const std::string& text) {
  const std::regex caption("[0-9]  #[0-9]+");
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), caption), end; match != end; ++match) {
    found.push_back(match->str());
  }
  return found;
}

TEST(Program, ShowsImages) {
  const Outcome outcome = show({"--split", "test", "--count", "2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, read_file(test::source("tests/expected/gallery_ascii.txt")) +
                             "\n500 test images, each [1, 28, 28] uint8 from 0 to 255; 2 shown\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Program, ShowsTheImagesThatAreAskedFor) {
  // The labels of MNIST's training images begin 5 0 4 1 9 2 1 3 1 4.
  EXPECT_THAT(captions(show({"--count", "4"}).out),
              ElementsAre("5  #0", "0  #1", "4  #2", "1  #3"));
  EXPECT_THAT(captions(show({"--index", "4"}).out), ElementsAre("9  #4"));
  EXPECT_THAT(captions(show({"--index", "998", "--count", "9"}).out), SizeIs(2));
  EXPECT_THAT(captions(show({"--digit", "1", "--count", "3"}).out),
              ElementsAre("1  #3", "1  #6", "1  #8"));
  const std::string some = show({"--random", "--count", "5"}).out;
  EXPECT_THAT(captions(some), SizeIs(5));
  EXPECT_EQ(show({"--random", "--count", "5"}).out, some);
  EXPECT_NE(show({"--random", "--count", "5", "--seed", "2"}).out, some);
  const Outcome beyond = show({"--index", "1000"});
  EXPECT_EQ(beyond.exit_code, 2);
  EXPECT_THAT(beyond.err, HasSubstr("--index: expected a position from 0 to 999, found 1000"));
}

TEST(Program, ShowsImagesAsAPngFile) {
  const test::TempDir dir;
  const std::string file = (dir / "grid.png").string();
  EXPECT_EQ(show({"--png", file}).out,
            "1000 training images, each [1, 28, 28] uint8 from 0 to 255; 20 in " + file + "\n");
  EXPECT_EQ(read_picture(file).size(), cv::Size(12 + 10 * 124, 12 + 2 * 164));  // two rows of ten
  const std::string none = (dir / "none.png").string();
  EXPECT_EQ(show({"--png", none, "--digit", "7", "--index", "999"}).exit_code, 2);
  EXPECT_FALSE(fs::exists(none));
}

TEST(Program, ShowsTheImagesThatAnEpochTrainsOn) {
  const test::TempDir dir;
  const std::string file = (dir / "grid.png").string();
  EXPECT_EQ(show({"--augment", "shift", "--epoch", "3", "--seed", "2", "--digit", "1", "--count",
                  "2", "--png", file})
                .exit_code,
            0);
  SparseImages images;
  const std::array<std::int64_t, 2> ones{3, 6};
  AugmentOptions options;
  options.kind = Augment::kShift;
  Augmentation(options, /*seed=*/2)
      .apply(to_sparse(load_split(test::sample_dir(), Split::kTrain).images), ones, /*epoch=*/3,
             /*threads=*/1, images);
  const Dataset shifted{to_dense(images), {}};
  const GrayImage expected =
      labeled_grid({{"1", "#3", image_at(shifted, 0)}, {"1", "#6", image_at(shifted, 1)}}, 10);
  const cv::Mat4b found = read_picture(file);
  ASSERT_EQ(found.size(), cv::Size(expected.width, expected.height));
  for (std::size_t i = 0; i < expected.pixels.size(); ++i) {
    ASSERT_EQ(found(static_cast<int>(i))[0], expected.pixels[i]) << i;
  }
}

TEST(Program, EndsQuietlyIfNothingReadsItsOutput) {
  const Outcome outcome = test::run({"bash", "-c", "\"$@\" | true; echo ${PIPESTATUS[0]}", "bash",
                                     MNIST_TRAIN_PROGRAM, "show", kSampleData, "--count", "1000"});
  EXPECT_EQ(outcome.out, "141\n");  // SIGPIPE
  EXPECT_EQ(outcome.err, "");
}

/// With a run of a network that is right for most of the sample.
class ProgramWithModel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_.emplace();
    const Outcome outcome = run(*suite_ / "run", {"--epochs", "8", "--lr", "0.1"});
    expect_done(outcome);
    trained_ = outcome.out;
  }
  static void TearDownTestSuite() { suite_.reset(); }

  static fs::path model() { return *suite_ / "run"; }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  static Outcome with_model(const std::string& command, const Arguments& options = {}) {
    return run_program(Arguments{command, "--model", model().string()} + options);
  }

  inline static std::optional<test::TempDir> suite_;
  inline static std::string trained_;  ///< what the training run printed
  test::TempDir dir_;
};

TEST_F(ProgramWithModel, ShowsWhatItMisclassifies) {
  const json result = result_of(model());
  const int wrong = 500 - result["test"]["correct"].get<int>();
  ASSERT_GT(wrong, 0);
  const Outcome outcome = with_model("show", {"--wrong", kSampleData, "--count", "500"});
  EXPECT_THAT(outcome.out, EndsWith("uint8 from 0 to 255; " + std::to_string(wrong) + " shown\n"));
  EXPECT_THAT(outcome.out, HasSubstr(" as "));
}

TEST_F(ProgramWithModel, EvaluatesItAsTheRunDid) {
  const auto eval = [&](const Arguments& options) {
    return with_model("eval", Arguments{"--quiet", kSampleData} + options);
  };
  const Outcome plain = eval({});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_EQ(plain.err, "");
  EXPECT_THAT(plain.out, StartsWith("test loss "));
  EXPECT_THAT(trained_, EndsWith(plain.out));

  const json expected = result_of(model())["test"];
  const json found = json::parse(eval({"--json"}).out);
  EXPECT_EQ(found["test"], expected);
  EXPECT_EQ(found["schema"], "mnist-train-eval/1");
  EXPECT_EQ(json::parse(eval({"--json", "--threads", "2"}).out)["test"], expected);

  EXPECT_THAT(eval({"--confusion"}).out, HasSubstr("\ntrue \\ pred "));
  const Outcome below = eval({"--min-accuracy", "100"});
  EXPECT_EQ(below.exit_code, 6);
  EXPECT_THAT(below.err, HasSubstr("at least 100 %"));
  EXPECT_THAT(eval({"--test-limit", "10"}).out, HasSubstr(" of 10, "));
}

TEST_F(ProgramWithModel, DrawsAPage) {  // which DrawPage tests and Browser opens
  const Outcome outcome = with_model("draw", {"--html", path("page.html")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, path("page.html") + "\n");
  EXPECT_THAT(read_file(path("page.html")), HasSubstr(model().string()));
}

/// Writes PNG files, and returns their names: of the first test images of the sample, 7, 2 and 1,
/// and of the first two of them side by side.
std::vector<std::string> write_images(const fs::path& dir) {
  std::vector<GrayImage> images =
      test::read_images(test::sample_dir() / "t10k-images-idx3-ubyte", 3);
  GrayImage& both = images.emplace_back(56, 28);
  for (std::int64_t y = 0; y < 28; ++y) {
    for (std::int64_t x = 0; x < 56; ++x) both.at(x, y) = images[x / 28].at(x % 28, y);
  }
  std::vector<std::string> files;
  for (const GrayImage& image : images) {
    files.push_back((dir / (std::to_string(files.size()) + ".png")).string());
    test::write_file(files.back(), encode_png(image));
  }
  return files;
}

TEST_F(ProgramWithModel, PredictsImageFiles) {
  const std::vector<std::string> files = write_images(dir_.path());
  const Outcome named = with_model("predict", {files[0], files[2], files[3]});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  const std::vector<std::string> lines = lines_of(named.out);
  ASSERT_EQ(lines.size(), 3) << named.out;
  EXPECT_THAT(lines[0], testing::ContainsRegex("0\\.png  7 +[0-9.]+ %  \\([0-9] "));
  EXPECT_THAT(lines[1], HasSubstr("2.png  1 "));
  EXPECT_THAT(lines[2], HasSubstr(")  low confidence: several shapes"));

  test::write_file(path("text.png"), "no image");
  const Outcome broken = with_model("predict", {path("text.png"), "--show", files[1], ""});
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(broken.err, AllOf(StartsWith("mnist-train: error: " + path("text.png")),
                                HasSubstr("error: '': cannot be read")));
  EXPECT_EQ(lines_of(broken.out).size(), 1 + 14) << broken.out;
}

TEST_F(ProgramWithModel, PredictsTheFilesThatStandardInputLists) {
  test::write_file(path("text.png"), "no image");
  std::string list;
  for (const std::string& file : write_images(dir_.path())) list += file + "\r\n\n";
  const Arguments command{MNIST_TRAIN_PROGRAM, "predict", "--model", model().string(), "-"};
  const Outcome listed = test::run(command + Arguments{"--json", path("text.png")}, list);
  EXPECT_EQ(listed.exit_code, 3);
  const json predictions = json::parse(listed.out)["predictions"];
  ASSERT_EQ(predictions.size(), 5);
  EXPECT_EQ(predictions[0]["digit"], 7);
  EXPECT_EQ(predictions[0]["probabilities"][7], predictions[0]["probability"]);
  for (const json& prediction : predictions) {
    if (prediction.contains("error")) continue;
    const json reasons = prediction.value("low_confidence", json::array());
    EXPECT_EQ(std::ranges::count(reasons, "low probability"), prediction["probability"] < 0.9);
  }
  EXPECT_EQ(predictions[2]["digit"], 1);
  EXPECT_EQ(predictions[3]["low_confidence"][0], "several shapes");
  EXPECT_TRUE(predictions[3].contains("digit"));
  EXPECT_THAT(predictions[4]["error"], HasSubstr("expected a PNG, JPEG or BMP"));
  EXPECT_EQ(test::run(command, "").exit_code, 2);
}

TEST_F(ProgramWithModel, IsReportedOn) {
  const fs::path page = model() / "report.html";
  const std::string written = read_file(page);
  EXPECT_THAT(written, HasSubstr("data:image/png;base64,"));
  fs::remove(page);
  const Outcome anew = run_program({"report", model().string()});
  EXPECT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_EQ(anew.out, page.string() + "\n");
  EXPECT_EQ(read_file(page), written);
}

TEST_F(ProgramWithModel, IsReportedOnAmongOtherFiles) {
  for (const char* name : {"a", "b", "going"}) fs::copy(model(), dir_ / name);
  fs::remove(dir_ / "going/result.json");
  fs::create_directory(dir_ / "empty");
  test::write_file(path("sweep.log"), "a line\n");

  const Outcome some = run_program({"report", path("a"), path("b"), path("empty"), path("going"),
                                    path("sweep.log"), "--html", path("page.html")});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_EQ(lines_of(some.err).size(), 3) << some.err;
  const std::string page = read_file(path("page.html"));
  EXPECT_THAT(page,
              AllOf(HasSubstr("<h1>2 runs</h1>"), HasSubstr("<td>p = 1</td><td>0</td><td>0</td>")));
  for (const char* name : {"empty", "going", "sweep.log"}) {
    EXPECT_THAT(some.err, HasSubstr("skipped " + path(name)));
    EXPECT_THAT(page, HasSubstr("Skipped: " + path(name)));
  }

  const Outcome none = run_program({"report", path("empty"), path("sweep.log")});
  EXPECT_EQ(none.exit_code, 5);
  EXPECT_THAT(none.err, AllOf(HasSubstr(path("empty")), HasSubstr("and 1 more")));
  const Outcome missing = run_program({"report", path("a"), path("misspelled")});
  EXPECT_EQ(missing.exit_code, 5);
  EXPECT_THAT(missing.err, HasSubstr(path("misspelled")));
}

}  // namespace
}  // namespace mnist
