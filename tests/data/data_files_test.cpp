#include "data/data_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/near_misses.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using test::Environment;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Runs in an empty folder, with no data in any of the default places.
class DataFiles : public testing::Test {
 protected:
  DataFiles() : before_(fs::current_path()) { fs::current_path(dir_.path()); }
  ~DataFiles() override { fs::current_path(before_); }

  static std::string error_of(const std::string& requested) {
    try {
      const fs::path found = find_data_dir(requested);
      ADD_FAILURE() << "found " << found;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
      return error.what();
    }
    return "";
  }

  test::TempDir dir_;
  fs::path before_;
  Environment data_dir_{"MNIST_DATA_DIR", nullptr};
  Environment data_home_{"XDG_DATA_HOME", (dir_ / "home").c_str()};
};

TEST_F(DataFiles, TakesTheFolderItselfOrATorchvisionRootAboveIt) {
  for (const std::string folder :
       {"set", "root/MNIST/raw", "MNIST/raw", "other/FashionMNIST/raw"}) {
    test::write_data_set(dir_ / folder, 1, 1);
  }
  EXPECT_EQ(find_data_dir("set"), dir_ / "set");
  EXPECT_EQ(find_data_dir("root"), dir_ / "root/MNIST/raw");
  EXPECT_EQ(find_data_dir("MNIST"), dir_ / "MNIST/raw");
  EXPECT_EQ(find_data_dir("other"), dir_ / "other/FashionMNIST/raw");
}

TEST_F(DataFiles, LooksInTheDefaultPlacesInTheirOrder) {
  test::write_data_set(dir_ / "home/mnist", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "home/mnist");
  test::write_data_set(dir_ / "data/MNIST/raw", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "data/MNIST/raw");
  test::write_data_set(dir_ / "named", 1, 1);
  const Environment named("MNIST_DATA_DIR", "named");
  EXPECT_EQ(find_data_dir(""), dir_ / "named");
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/MNIST/raw");
}

TEST_F(DataFiles, TakesFashionMnistOnlyWhereTheUserPointsAtIt) {
  test::write_data_set(dir_ / "data/FashionMNIST/raw", 1, 1);
  EXPECT_THAT(error_of(""), HasSubstr("no MNIST data found"));
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/FashionMNIST/raw");
}

TEST_F(DataFiles, FindsTheOtherSetsBelowATorchvisionRootIfThatIsNamed) {
  test::write_data_set(dir_ / "data/KMNIST/raw", 1, 1);
  EXPECT_THAT(error_of(""), AllOf(HasSubstr("found " + (dir_ / "data/KMNIST/raw").string()),
                                  HasSubstr("name the folder of the data")));
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/KMNIST/raw");
  test::write_data_set(dir_ / "data/FashionMNIST/raw", 1, 1);
  EXPECT_THAT(error_of("data"), AllOf(HasSubstr("data/FashionMNIST/raw"),
                                      HasSubstr("data/KMNIST/raw; name one of them")));
  test::write_data_set(dir_ / "data/MNIST/raw", 1, 1);
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/MNIST/raw");
}

/// Gives the files of a data set other names.
void rename_set(const fs::path& dir, const std::string& train, const std::string& test,
                const std::string& labels) {
  for (const auto& [before, after] : {std::pair("train", train), std::pair("t10k", test)}) {
    fs::rename(dir / (before + std::string("-images-idx3-ubyte")),
               dir / (after + "-images-idx3-ubyte"));
    fs::rename(dir / (before + std::string("-labels-idx1-ubyte")),
               dir / (after + "-labels-" + labels));
  }
}

TEST_F(DataFiles, KnowsTheNamesOfEmnistAndQmnist) {
  const fs::path raw = dir_ / "root/EMNIST/raw";
  test::write_data_set(raw, 1, 1);
  rename_set(raw, "emnist-digits-train", "emnist-digits-test", "idx1-ubyte");
  EXPECT_EQ(find_data_dir("root"), raw);
  const SplitFiles digits = find_split_files(raw, Split::kTest);
  EXPECT_EQ(digits.images, raw / "emnist-digits-test-images-idx3-ubyte");
  EXPECT_TRUE(digits.transposed);
  EXPECT_FALSE(digits.for_libtorch);
  EXPECT_THAT(describe_set(raw), HasSubstr("EMNIST digits, turned upright"));

  test::write_data_set(dir_ / "q", 1, 1);
  rename_set(dir_ / "q", "qmnist-train", "qmnist-test", "idx2-int");
  const SplitFiles qmnist = find_split_files(dir_ / "q", Split::kTrain);
  EXPECT_EQ(qmnist.labels, dir_ / "q/qmnist-train-labels-idx2-int");
  EXPECT_EQ(qmnist.label_form, LabelForm::kQmnist);
  EXPECT_FALSE(qmnist.transposed);

  test::write_data_set(dir_ / "m", 1, 1);
  EXPECT_TRUE(find_split_files(dir_ / "m", Split::kTrain).for_libtorch);
  EXPECT_EQ(describe_set(dir_ / "m"), "");
}

TEST_F(DataFiles, NeverTakesFilesOfTwoSetsFromOneFolder) {
  test::write_data_set(dir_ / "set", 1, 1);
  rename_set(dir_ / "set", "train", "emnist-digits-test", "idx1-ubyte");
  EXPECT_THAT(missing_files(dir_ / "set", Split::kTrain), IsEmpty());
  EXPECT_THAT(missing_files(dir_ / "set", Split::kTest),
              ElementsAre("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"));
  // One file of MNIST does not hide a whole set of another name.
  fs::remove(dir_ / "set/train-images-idx3-ubyte");
  EXPECT_TRUE(find_split_files(dir_ / "set", Split::kTest).transposed);
}

TEST_F(DataFiles, FindsFilesAsKagglesArchiveHasThem) {
  const std::string name = "train-images-idx3-ubyte";
  test::write_data_set(dir_ / "set", 1, 1);
  fs::rename(dir_ / "set" / name, dir_ / "file");
  fs::create_directory(dir_ / "set" / name);
  fs::copy_file(dir_ / "file", dir_ / "set" / name / name);
  EXPECT_EQ(find_split_files(dir_ / "set", Split::kTrain).images, dir_ / "set" / name / name);
  fs::copy_file(dir_ / "file", dir_ / "set/train-images.idx3-ubyte");
  const SplitFiles files = find_split_files(dir_ / "set", Split::kTrain);
  EXPECT_EQ(files.images, dir_ / "set/train-images.idx3-ubyte");
  EXPECT_FALSE(files.for_libtorch);
}

TEST_F(DataFiles, NamesWhatIsThereInPlaceOfADataSet) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"EMNIST/raw/emnist-letters-train-images-idx3-ubyte", "", "only ten are supported"},
      {"emnist-byclass-test-labels-idx1-ubyte.gz", "", "more than ten classes"},
      {"archive.zip", "", "unpack it"},
      {"backup.zip", "none", "fetch it with scripts/fetch_mnist.sh"},
      {"icons/home.png", "none", "fetch it with scripts/fetch_mnist.sh"},
      {".cache/mnist.zip", "none", "fetch it with scripts/fetch_mnist.sh"},
      {"._train-images-idx3-ubyte", "none", "fetch it with scripts/fetch_mnist.sh"},
      {"kmnist-train-imgs.npz", "", "only IDX files are read"},
      {"pictures/7/1.PNG", "", "only IDX files are read"},
      {"Train-Images.idx3", "", "give the four files the names that are expected"},
      {"train-images", "", "give the four files the names that are expected"},
      {"mnist_train.csv", "", "only IDX files are read"},
      {"train/0/1.png", "", "only IDX files are read"},
      {"mnist.npz", "", "only IDX files are read"},
      {"MNIST/processed/training.pt", "", "only IDX files are read"},
      {"a/b/t10k-labels-idx1-ubyte", "near/a/b", "name the folder of the data with --data"},
      {"notes.txt", "none", "fetch it with scripts/fetch_mnist.sh"}};
  for (const auto& [file, found, remedy] : cases) {
    fs::create_directories((dir_ / "near" / file).parent_path());
    test::write_file(dir_ / "near" / file, "x");
    const std::string message = error_of("near");
    EXPECT_THAT(message, HasSubstr(remedy)) << file;
    if (found == "none") {
      EXPECT_THAT(message, Not(HasSubstr("(found")));
    } else {
      EXPECT_THAT(message, HasSubstr(found.empty() ? "found " + file : found));
    }
    fs::remove_all(dir_ / "near");
  }
  test::write_file(dir_ / "near", "x");
  EXPECT_THAT(error_of("near"), HasSubstr("(a file); give the folder"));
  test::write_file(dir_ / "mnist.npz", "x");
  EXPECT_THAT(error_of("mnist.npz"), HasSubstr("(a file); only IDX files are read"));
}

TEST_F(DataFiles, NamesAFileThatHasAnotherName) {
  test::write_data_set(dir_ / "set", 1, 1);
  rename_set(dir_ / "set", "train", "test", "idx1-ubyte");
  const std::string images = "t10k-images-idx3-ubyte";
  const std::string labels = "t10k-labels-idx1-ubyte";
  const NearMisses both = find_near_misses(dir_ / "set", {images, labels});
  EXPECT_EQ(both.found, " (found test-images-idx3-ubyte, test-labels-idx1-ubyte)");
  EXPECT_EQ(both.remedy, "give them the names that are expected");
  fs::remove(dir_ / "set/test-images-idx3-ubyte");
  EXPECT_EQ(find_near_misses(dir_ / "set", {images}).found, "");
  const NearMisses one = find_near_misses(dir_ / "set", {images, labels});
  EXPECT_EQ(one.found, " (found test-labels-idx1-ubyte)");
  EXPECT_EQ(one.remedy, "give it the name that is expected");
  fs::create_directory(dir_ / "set" / images);
  EXPECT_EQ(find_near_misses(dir_ / "set", {images}).found,
            " (a folder t10k-images-idx3-ubyte without the file)");
  fs::remove(dir_ / "set" / images);
}

TEST_F(DataFiles, NamesLinksThatLeadNowhere) {
  fs::create_directory(dir_ / "links");
  fs::create_symlink("/nowhere/images", dir_ / "links/train-images-idx3-ubyte");
  EXPECT_THAT(error_of("links"), HasSubstr("train-images-idx3-ubyte (a link to /nowhere/images, "
                                           "which is not there)); mend the link"));
  fs::create_symlink("loop", dir_ / "loop");
  EXPECT_THAT(error_of("loop"), HasSubstr("(Too many levels of symbolic links); mend that"));
  test::write_data_set(dir_ / "set", 1, 1);
  fs::remove(dir_ / "set/t10k-images-idx3-ubyte");
  fs::create_symlink("gone", dir_ / "set/t10k-images-idx3-ubyte");
  EXPECT_EQ(find_near_misses(dir_ / "set", {"t10k-images-idx3-ubyte"}).found,
            " (a link to gone, which is not there)");
}

/// While this lives, the process may do no more than any user may.
class AsAnyUser {
 public:
  AsAnyUser() : user_(::geteuid()) {
    constexpr uid_t kNobody = 65534;
    EXPECT_TRUE(user_ != 0 || ::seteuid(kNobody) == 0);
  }
  ~AsAnyUser() { EXPECT_EQ(::seteuid(user_), 0); }
  AsAnyUser(const AsAnyUser&) = delete;
  AsAnyUser& operator=(const AsAnyUser&) = delete;

 private:
  uid_t user_;
};

TEST_F(DataFiles, NamesFoldersThatMayNotBeRead) {
  test::write_data_set(dir_ / "set", 1, 1);
  fs::permissions(dir_.path(), fs::perms(0755));
  for (const unsigned mode : {0000U, 0644U}) {
    fs::permissions(dir_ / "set", fs::perms(mode));
    const AsAnyUser any_user;
    EXPECT_THAT(error_of("set"),
                HasSubstr("set (Permission denied); give yourself the permission"));
  }
  fs::permissions(dir_ / "set", fs::perms(0755));
}

TEST_F(DataFiles, NamesEveryPlaceTriedAndTheCommandThatFetches) {
  fs::create_directory("data");
  EXPECT_THAT(error_of(""), AllOf(HasSubstr((dir_ / "data").string() + ", "),
                                  HasSubstr((dir_ / "home/mnist").string() + " (no such folder)"),
                                  HasSubstr("scripts/fetch_mnist.sh")));
}

TEST_F(DataFiles, DoesNotLookElsewhereIfAPlaceWasNamed) {
  test::write_data_set(dir_ / "data", 1, 1);
  EXPECT_THAT(error_of("wrong"), HasSubstr((dir_ / "wrong").string() + " (no such folder)"));
  const Environment wrong("MNIST_DATA_DIR", "wrong");
  EXPECT_THAT(error_of(""), HasSubstr((dir_ / "wrong").string() + " (no such folder)"));
}

TEST_F(DataFiles, AcceptsNamesWithADot) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::rename("train-images-idx3-ubyte", "train-images.idx3-ubyte");
  const SplitFiles files = find_split_files(dir_.path(), Split::kTrain);
  EXPECT_EQ(files.images, dir_ / "train-images.idx3-ubyte");
  EXPECT_EQ(files.labels, dir_ / "train-labels-idx1-ubyte");
}

TEST_F(DataFiles, SaysHowToUnpackAFileLeftPacked) {
  test::write_data_set(dir_.path(), 1, 1);
  const std::string packed = (dir_ / "t10k-labels-idx1-ubyte.gz").string();
  fs::rename("t10k-labels-idx1-ubyte", packed);
  const auto expect_refused = [&](const std::string& because) {
    EXPECT_THAT([&] { find_split_files(dir_.path(), Split::kTest); },
                testing::ThrowsMessage<Error>(AllOf(HasSubstr(packed), HasSubstr(because))));
  };
  expect_refused("found that it is unpacked already; rename it to t10k-labels-idx1-ubyte");
  test::write_file(packed, "\x1f\x8b\b");
  expect_refused("found it packed; run: gunzip -k '" + packed);
  test::write_file(packed, "");
  expect_refused("expected gzip data, found something else; download it again");
  test::write_file(packed, "<!DOCTYPE html>");
  expect_refused("download it again");
}

TEST_F(DataFiles, NamesAPackedFileThatIsNone) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::rename("t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz");
  test::write_file("t10k-labels-idx1-ubyte.gz", "<html>");
  EXPECT_THAT([&] { find_split_files(dir_.path(), Split::kTest); },
              testing::ThrowsMessage<Error>(HasSubstr("expected gzip data, found a web page")));
}

TEST_F(DataFiles, NamesTheFileThatIsMissing) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::remove("t10k-images-idx3-ubyte");
  try {
    find_split_files(dir_.path(), Split::kTest);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr((dir_ / "t10k-images-idx3-ubyte: not found").string()));
  }
}

}  // namespace
}  // namespace mnist
