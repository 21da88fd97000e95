import { ChangeSet, hashOf, place, type GeneratedFile, type Outcome } from "../changes/index.ts";
import { ProjectFile, projectFileName, type ProjectAnswers } from "./file.ts";

/** One project while a command works on it: its PROJECT file and the change set on top of its folder. */
export class Project {
  readonly set: ChangeSet;
  readonly file: ProjectFile;

  private constructor(set: ChangeSet, file: ProjectFile) {
    this.set = set;
    this.file = file;
  }

  /** The project in a folder. Throws ScaffoldError `no-project` or `corrupt-project`. */
  static open(root: string): Project {
    const set = new ChangeSet(root);
    return new Project(set, ProjectFile.read(set));
  }

  /** A new project, so far in memory only. */
  static start(root: string, answers: ProjectAnswers): Project {
    return new Project(new ChangeSet(root), ProjectFile.create(answers));
  }

  get root(): string {
    return this.set.root;
  }

  /** Stages a generated file by the rules of its class and remembers it. */
  put(file: GeneratedFile, options: { force?: boolean } = {}): Outcome {
    const outcome = place(this.set, file, this.file.files.get(file.path), options);
    if (outcome === "written") {
      this.file.setFile(file.path, file.class === "yours" ? { class: file.class, hash: hashOf(file.content) } : { class: file.class });
    }
    return outcome;
  }

  /** Stages the deletion of a file that nothing generates any more. */
  drop(path: string): void {
    if (this.set.exists(path)) this.set.delete(path);
    this.file.removeFile(path);
  }

  /** Stages the PROJECT file itself; to be called last. */
  save(): void {
    this.set.write(projectFileName, this.file.toString());
  }
}
