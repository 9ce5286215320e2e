from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0008_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("dossier", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=255)),
                ("title", models.TextField()),
                ("data", models.BinaryField()),
                ("circles", models.JSONField(default=list)),
                ("provider", models.BooleanField(default=False)),
                ("draft", models.CharField(default="", max_length=24)),
                ("act", models.CharField(default="", max_length=64)),
                ("made_at", models.BigIntegerField()),
                ("state", models.CharField(max_length=8)),
                ("due", models.BigIntegerField(null=True)),
                ("out_at", models.BigIntegerField(null=True)),
                ("places", models.JSONField(default=list)),
                ("told", models.CharField(default="", max_length=8)),
                ("trouble", models.TextField(default="")),
                ("next_at", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "made_at"], name="announcement_state"),
                    models.Index(fields=["dossier", "made_at"], name="announcement_dossier"),
                    models.Index(fields=["draft"], name="announcement_draft"),
                ],
            },
        ),
    ]
